public import CPython
internal import InstarPython
internal import Logging

/// The door by which a Python program's `import instar` enters this library.
@_cdecl("PyInit_instar")
public func initializeModule() -> PyRef {
    // The program's own output is no place for ours; `instar.open(events:)` tells what happens.
    LoggingSystem.bootstrap { _ in SwiftLogNoOpLogHandler() }
    return InstarModule.imported { module in module.opening = HostStore(module) }
}
