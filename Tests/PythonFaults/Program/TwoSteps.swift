import InstarPython
import InstarReload

/// An update in two steps, as one that is fetched in the background: `instar.check()` prepares what changed on disk, the
/// program goes on, and `instar.poll()` puts it in place.
///
/// `@unchecked Sendable`: only touched with the interpreter's lock held.
final class TwoSteps: PythonHostServices, @unchecked Sendable {
    private let module: InstarModule
    private var prepared: PreparedTransaction?

    init(_ module: InstarModule) {
        self.module = module
    }

    func check() throws -> PythonValue {
        var ready: PreparedTransaction? = try ReloadTransaction(engines: [module.engine]).prepare(module.changes())
        prepared = ready.take()
        return .null
    }

    func poll() throws -> PythonValue {
        guard let ready = prepared.take() else { return .null }
        return try ready.commit().value
    }

    func update() throws -> PythonValue { throw NoUpdater() }
    func confirm() throws -> PythonValue { throw NoUpdater() }
    func rollback() throws -> PythonValue { throw NoUpdater() }
    func status() throws -> PythonValue { throw NoUpdater() }
}
