internal import CPython
package import InstarReload

/// A reload failure that still knows the Python exception behind it, for chaining.
package struct PythonFailure: Error, CustomStringConvertible {
    package var failure: ReloadFailure
    let exception: PythonException

    init(_ exception: PythonException, step: ReloadFailure.Step, module: String) {
        self.exception = exception
        failure = ReloadFailure(
            engine: PythonEngine.name, step: step, module: module, reason: exception.description, trace: exception.trace)
    }

    package var description: String { failure.description }
}
