internal import CPython
package import InstarReload
internal import Synchronization
package import SystemPackage

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// The Python module `instar`: what its functions work on.
///
/// `@unchecked Sendable`: its fields are constants but `services`, `opening` and `root`, which are only set with the
/// interpreter's lock held; the exception classes live as long as the interpreter.
package final class InstarModule: @unchecked Sendable {
    package let engine: PythonEngine
    let reloadError: Held
    let updateError: Held
    /// The updater, where there is one.
    package var services: (any PythonHostServices)? { didSet { process = getpid() } }
    /// What `instar.open()` does, where the program opens its store itself.
    package var opening: (any PythonStoreOpening)?
    /// The process that the updater belongs to: its threads are not in a forked child.
    private var process: Int32 = 0
    /// Whether this process was forked from the one that the updater belongs to.
    package var isForkedChild: Bool { services != nil && process != getpid() }
    /// Below it lie the modules that `reload()` without names means.
    package var root: FilePath?
    /// What a fork of the program waits for.
    let forks = Forks()
    /// Called after each update, with what it did; for logs.
    package var onReload: ((ReloadReport) -> Void)?

    fileprivate static let installed = Mutex<InstarModule?>(nil)

    /// The module of this process, once installed.
    static var current: InstarModule? { installed.withLock { $0 } }

    private init(engine: PythonEngine) throws(PythonException) {
        self.engine = engine
        reloadError = try InstarModule.exception("instar.ReloadError", "An update of code was refused or failed; the program is as before.")
        updateError = try InstarModule.exception("instar.UpdateError", "A check, download or switch of releases failed.")
    }

    private static func exception(_ name: String, _ text: String) throws(PythonException) -> Held {
        let base = py_PyExc_Exception()
        return Held(
            stealing: try Owned(unsafe PyErr_NewExceptionWithDoc(py_static_name(name), py_static_name(text), base, .null)).relinquish())
    }

    /// What the functions work on, made for the interpreter of this process. Expects its lock.
    static func make(hooks: HookNames = HookNames()) throws -> InstarModule {
        let module = try InstarModule(engine: PythonEngine(hooks: hooks))
        installed.withLock { $0 = module }
        return module
    }

    /// Makes `import instar` find the module, in an interpreter of ours. Expects its lock.
    func install() throws {
        let name = try PyRef.string("instar")
        let module = try Owned(PyModule_NewObject(name.ref))
        try fill(module.ref)
        try check(unsafe PyDict_SetItemString(PyImport_GetModuleDict(), "instar", module.ref))
    }

    /// Gives a module object all functions.
    func fill(_ module: PyRef) throws {
        let name = try PyRef.string("instar")
        for function in InstarFunction.all {
            let object = try function.made(in: name.ref)
            try check(unsafe PyObject_SetAttrString(module, function.name, object.ref))
        }
        try check(unsafe PyObject_SetAttrString(module, "ReloadError", reloadError.ref))
        try check(unsafe PyObject_SetAttrString(module, "UpdateError", updateError.ref))
        let text = try PyRef.string(InstarModule.documentation)
        try check(unsafe PyObject_SetAttrString(module, "__doc__", text.ref))
        try Forks.watch()
    }

    static let documentation = "Hot updates of the running program: reload() replaces code in place, all or nothing."

    // MARK: Reloading

    /// What an update of `names` is: with nil, of every loaded module below `root` whose source is not what runs.
    func update(names: [String]?, removed: [String], root: FilePath?) -> ReloadUpdate {
        let name = PythonEngine.name
        let changed = names ?? SourceChanges(engine.record).changedModules(below: root ?? self.root)
        // An empty file means: from wherever the module's own loader has it.
        return ReloadUpdate(
            modules: changed.map { ReloadModule(engine: name, name: $0, file: FilePath("")) }
                + removed.map { ReloadModule(engine: name, name: $0, file: nil) })
    }

    /// What changed on disk below the root.
    package func changes() -> ReloadUpdate { update(names: nil, removed: [], root: nil) }

    /// Applies what changed on disk below the root.
    package func reloadChanges() throws -> ReloadReport { try apply(changes()) }

    /// Applies `update` at once, or only says what it would do.
    package func apply(_ update: ReloadUpdate, dryRun: Bool = false) throws -> ReloadReport {
        guard try engine.beginExclusive() else { return ReloadReport() }
        defer { engine.endExclusive() }
        let transaction = ReloadTransaction(engines: [engine])
        guard !dryRun else { return try transaction.plan(update) }
        let report = try transaction.run(update)
        onReload?(report)
        return report
    }

    /// Raises `error` as the Python exception that it is.
    func raise(_ error: any Error) {
        switch error {
        case let failure as ReloadFailure: raiseReloadError(failure)
        case let exception as PythonException: exception.restore()
        default: unsafe PyErr_SetString(updateError.ref, "\(error)")
        }
    }

    private func raiseReloadError(_ failure: ReloadFailure) {
        guard let text = try? PyRef.string(failure.description), let exception = try? reloadError.ref.call(text.ref) else { return }
        for (name, value) in [
            ("module", failure.module), ("step", failure.step.rawValue), ("reason", failure.reason), ("trace", failure.trace),
        ] {
            if let text = try? PyRef.string(value) { unsafe PyObject_SetAttrString(exception.ref, name, text.ref) }
        }
        if let cause = engine.lastFailure?.exception.exception { PyException_SetCause(exception.ref, cause.ref.retained()) }
        engine.lastFailure = nil
        PyErr_SetObject(reloadError.ref, exception.ref)
    }
}
