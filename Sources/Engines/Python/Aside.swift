internal import CPython
internal import InstarReload

/// Executes the new code of modules beside the running program.
///
/// Meanwhile each module object answers by thread: the preparing thread meets the new version through any way of
/// importing, and a module is executed when it is first asked for, exactly as in a fresh start; every other thread goes
/// on meeting the old version. `sys.modules` is not touched.
///
/// `@unchecked Sendable`: only touched with the interpreter's lock held.
final class Aside: @unchecked Sendable {
    private let modules: [ChangedModule]
    private var byAddress: [PyRef: ChangedModule] = [:]
    private var byName: [String: ChangedModule] = [:]
    private let thread = PyThread_get_thread_ident()
    private let runtime: PythonRuntime
    private let record: LoadRecord
    /// The first module that failed, and how.
    private(set) var failure: PythonFailure?

    init(_ modules: [ChangedModule], runtime: PythonRuntime, record: LoadRecord) {
        self.modules = modules
        self.record = record
        self.runtime = runtime
        for module in modules {
            byAddress[module.module.ref] = module
            byName[module.name] = module
        }
    }

    /// Executes each module once, in the order given where they do not ask for one another.
    ///
    /// - Parameter afterwards: what else is to be executed beside the running program.
    func execute(afterwards: () throws -> Void) throws {
        try enter()
        defer { leave() }
        for module in modules where module.progress == .waiting {
            if !start(module) {
                // Taken in any case: no exception may be left set.
                let exception = PythonException.taken()
                throw failure ?? PythonFailure(exception, step: .execute, module: module.name)
            }
        }
        if let failure { throw failure }
        try afterwards()
    }

    // MARK: One module

    /// Executes `module` and what has to come before it. False where an exception is set.
    private func start(_ module: ChangedModule) -> Bool {
        guard module.progress == .waiting else { return true }
        if let dot = module.name.lastIndex(of: "."), let parent = byName[String(module.name[..<dot])], !start(parent) { return false }
        guard module.progress == .waiting else { return true }
        module.progress = .running
        let result: PyRef
        switch module.source {
        case .code(let code): result = PyEval_EvalCode(code.ref, module.scratch.ref, module.scratch.ref)
        case .loader(let loader):
            record.began(module.name)
            result = PyObject_CallOne(loader.ref, "exec_module", module.module.ref)
            record.ended(module, runtime)
        }
        module.progress = result.isNull ? .failed : .done
        if result.isNull { noteFailure(of: module) }
        result.release()
        return module.progress == .done
    }

    /// Remembers the exception that is set, and leaves it set: the module that imports this one meets it, too.
    private func noteFailure(of module: ChangedModule) {
        guard failure == nil else { return }
        let exception = PythonException.taken()
        failure = PythonFailure(exception, step: .execute, module: module.name)
        exception.restore()
    }

    // MARK: Answering by thread

    /// The preparation under way; there is at most one in a process.
    nonisolated(unsafe) private static var current: Aside?

    private func enter() throws {
        unsafe Aside.current = self
        for module in modules {
            let type = try runtime.answeringType(for: module.module.ref.type)
            module.formerType = module.module.ref.type
            py_set_word(module.module.ref, 8, type.retained().address)
        }
    }

    private func leave() {
        for module in modules where !module.formerType.isNull {
            let type = module.module.ref.type
            py_set_word(module.module.ref, 8, module.formerType.address)
            type.release()
            module.formerType = .null
        }
        unsafe Aside.current = nil
    }

    /// `module.name`, on whichever thread.
    static func attribute(of object: PyRef, _ name: PyRef) -> PyRef {
        guard let aside = unsafe current, let module = aside.byAddress[object] else { return PyObject_GenericGetAttr(object, name) }
        guard PyThread_get_thread_ident() == aside.thread else { return py_slot_getattr(module.formerType, object, name) }
        return aside.newAttribute(of: module, name)
    }

    private func newAttribute(of module: ChangedModule, _ name: PyRef) -> PyRef {
        if module.progress == .waiting, !start(module) { return .null }
        if name == runtime.names.dict { return module.scratch.ref.retained() }
        if let value = module.scratch.ref[item: name] { return value.retained() }
        let inherited = _PyType_Lookup(module.formerType, name)
        if !inherited.isNull { return py_descriptor_get(inherited, module.module.ref, module.formerType) }
        if let hook = module.scratch.ref[item: runtime.names.getAttribute] {
            return unsafe withUnsafePointer(to: name) { unsafe PyObject_VectorcallDict(hook, $0, 1, .null) }
        }
        let state = module.progress == .running ? "partially initialized module" : "module"
        let hint = module.progress == .running ? " (most likely due to a circular import)" : ""
        unsafe PyErr_SetString(py_PyExc_AttributeError(), "\(state) '\(module.name)' has no attribute '\(name.text ?? "?")'\(hint)")
        return .null
    }

    /// `module.name = value` or `del module.name`, on whichever thread.
    static func setAttribute(of object: PyRef, _ name: PyRef, _ value: PyRef) -> CInt {
        guard let aside = unsafe current, let module = aside.byAddress[object] else { return PyObject_GenericSetAttr(object, name, value) }
        guard PyThread_get_thread_ident() == aside.thread else { return py_slot_setattr(module.formerType, object, name, value) }
        if module.progress == .waiting, !aside.start(module) { return -1 }
        // A module of a class of its own keeps it: the class itself is updated in place.
        if name == aside.runtime.names.classCell { return 0 }
        return value.isNull ? PyDict_DelItem(module.scratch.ref, name) : PyDict_SetItem(module.scratch.ref, name, value)
    }
}

extension PythonRuntime {
    /// A class like `type`, a class of modules, whose instances answer by thread.
    func answeringType(for type: PyRef) throws -> PyRef {
        if let known = answeringTypes[type] { return known.ref }
        let new = try Owned(py_new_module_type(type, { Aside.attribute(of: $0, $1) }, { Aside.setAttribute(of: $0, $1, $2) }))
        let held = Held(stealing: new.relinquish())
        answeringTypes[type] = held
        return held.ref
    }
}

/// Calls a method with one argument; NULL with an exception set where that fails.
private func PyObject_CallOne(_ object: PyRef, _ method: String, _ argument: PyRef) -> PyRef {
    let function = unsafe PyObject_GetAttrString(object, method)
    guard !function.isNull else { return .null }
    defer { function.release() }
    return unsafe withUnsafePointer(to: argument) { unsafe PyObject_VectorcallDict(function, $0, 1, .null) }
}
