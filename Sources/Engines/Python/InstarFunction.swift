internal import CPython
internal import InstarReload
internal import SystemPackage

/// One function of the Python module `instar`, as a table entry that CPython keeps a pointer to.
///
/// `@unchecked Sendable`: the table entry is written before anybody sees it and never again.
@safe struct InstarFunction: @unchecked Sendable {
    let name: String
    /// Allocated once and never freed: CPython points to it as long as the process lives.
    let definition: UnsafeMutablePointer<py_method>

    private init(_ name: String, _ documentation: String, _ function: @escaping py_keyword_function) {
        self.name = name
        unsafe definition = .allocate(capacity: 1)
        // Positional and keyword arguments.
        unsafe definition.initialize(
            to: py_method(name: py_static_name(name), function: function, flags: 1 | 2, documentation: py_static_name(documentation)))
    }

    static let all: [InstarFunction] = [
        InstarFunction("reload", "reload(modules=None, *, removed=(), root=None): replace the code of changed modules in one transaction.")
        {
            Call.reload($1, $2, dryRun: false)
        },
        InstarFunction("plan", "plan(modules=None, *, removed=(), root=None): what reload() would do, with nothing done.") {
            Call.reload($1, $2, dryRun: true)
        },
        InstarFunction("check", "check(): ask the repository for a newer release.") { _, _, _ in Call.service { try $0.check() } },
        InstarFunction("update", "update(): fetch and stage the newest release.") { _, _, _ in Call.service { try $0.update() } },
        InstarFunction("poll", "poll(): the safe point, once a frame; applies what is ready.") { _, _, _ in Call.poll() },
        InstarFunction("confirm", "confirm(): the running release works.") { _, _, _ in Call.service { try $0.confirm() } },
        InstarFunction("rollback", "rollback(): go back to the previous release.") { _, _, _ in Call.service { try $0.rollback() } },
        InstarFunction("status", "status(): what is installed, running and staged.") { _, _, _ in Call.service { try $0.status() } },
    ]
}

/// What the functions do: Python arguments in, a Python object or NULL with an exception out. Each opens a scope of the pool.
private enum Call {
    static func reload(_ arguments: PyRef, _ keywords: PyRef, dryRun: Bool) -> PyRef {
        answer { module in
            let request = try ReloadArguments(arguments, keywords)
            let update = module.update(names: request.modules, removed: request.removed, root: request.root.map { FilePath($0) })
            return try module.apply(update, dryRun: dryRun).value
        }
    }

    static func service(_ body: (any PythonHostServices) throws -> PythonValue) -> PyRef {
        answer { module in
            guard let services = module.services else { throw NoUpdater() }
            return try body(services)
        }
    }

    /// Makes a Python object of what `body` says, or raises its error.
    private static func answer(_ body: (InstarModule) throws -> PythonValue) -> PyRef {
        guard let module = InstarModule.current else { return .null }
        return ReferencePool.scope {
            do { return try body(module).made().relinquish() } catch {
                module.raise(error)
                return .null
            }
        }
    }

    static func poll() -> PyRef {
        guard InstarModule.current?.services == nil else { return service { try $0.poll() } }
        return PyRef.none.retained()
    }
}

/// `check()` and its like without a store to update.
package struct NoUpdater: Error, CustomStringConvertible {
    package init() {}

    package var description: String { "this program runs without an updater: start it with `instar run --store … --url …`" }
}

/// The arguments of `reload` and `plan`.
private struct ReloadArguments {
    var modules: [String]?
    var removed: [String] = []
    var root: String?

    init(_ arguments: PyRef, _ keywords: PyRef) throws {
        guard PyTuple_Size(arguments) <= 1 else {
            throw ReloadArguments.wrong("reload() takes at most one positional argument, the modules")
        }
        var modules = PyTuple_Size(arguments) == 1 ? PyTuple_GetItem(arguments, 0) : PyRef.none
        for (key, value) in keywords.orNil?.items ?? [] {
            switch key.text {
            case "modules": modules = value
            case "removed": removed = value == .none ? [] : try ReloadArguments.names(value)
            case "root": root = try ReloadArguments.path(value)
            default: throw ReloadArguments.wrong("reload() has no argument '\(key.text ?? "?")'; it takes modules, removed and root")
            }
        }
        if modules != .none { self.modules = try ReloadArguments.names(modules) }
    }

    /// Names, from one name or module or from any iterable of them.
    private static func names(_ value: PyRef) throws -> [String] {
        if let name = name(value) { return [name] }
        let iterator = try Owned(PyObject_GetIter(value))
        var names: [String] = []
        while true {
            let element = PyIter_Next(iterator.ref)
            if element.isNull { break }
            defer { element.release() }
            guard let name = name(element) else { throw wrong("modules are given as names or as module objects") }
            names.append(name)
        }
        if !PyErr_Occurred().isNull { throw PythonException.taken() }
        return names
    }

    private static func name(_ value: PyRef) -> String? {
        value.text ?? (value.isModule ? PyModule_GetDict(value)[item: "__name__"]?.text : nil)
    }

    private static func path(_ value: PyRef) throws -> String? {
        if value == .none { return nil }
        if let text = value.text { return text }
        let text = try value.attribute("__fspath__").call()
        return text.ref.text
    }

    private static func wrong(_ message: String) -> PythonException {
        unsafe PyErr_SetString(py_PyExc_TypeError(), message)
        return PythonException.taken()
    }
}
