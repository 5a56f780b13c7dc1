internal import CPython

/// What the engine knows of the interpreter in this process: found once, then only read.
///
/// `@unchecked Sendable`: its fields are constants of the process, but for one table that is only touched with the
/// interpreter's lock held.
final class PythonRuntime: @unchecked Sendable {
    let names = Names()
    let function: FunctionLayout
    let code: CodeLayout
    let heap: Heap
    /// 3.9 is (3, 9).
    let version: (major: Int, minor: Int)
    /// `object.__class__`, the descriptor.
    let classDescriptor: Held
    /// `functools._lru_cache_wrapper`.
    let cachingWrapper: Held
    let cacheLayout: CacheLayout?
    /// `functools.partial`.
    let partial: Held
    /// `weakref.ref`.
    let weakReference: Held
    /// `enum.EnumMeta`, once the program imported `enum`.
    var enumeration: PyRef? { PyImport_GetModuleDict()[item: "enum"].flatMap { PyModule_GetDict($0)[item: "EnumMeta"] } }

    /// Classes of modules that answer by thread, by the class they stand for. A handful at most: they are kept.
    var answeringTypes: [PyRef: Held] = [:]

    private var eachCaller: Held?
    var statementReader: Held?

    /// `def call_each(function, objects)`, in Python: calls from Python to Python cost the least.
    func callEach() throws(PythonException) -> Held {
        if let eachCaller { return eachCaller }
        let scope = try Owned(PyDict_New())
        try check(unsafe PyDict_SetItemString(scope.ref, "__builtins__", PyEval_GetBuiltins()))
        let code = try Builtins.compile("def call_each(function, objects):\n for object in objects: function(object)", file: "<instar>")
        _ = try Owned(PyEval_EvalCode(code.ref, scope.ref, scope.ref))
        let made = Held(scope.ref[item: "call_each"] ?? .none)
        PyDict_Clear(scope.ref)
        eachCaller = made
        return made
    }

    init() throws {
        let text = unsafe String(cString: Py_GetVersion())
        let parts = text.prefix { $0 != " " }.split(separator: ".")
        version = (Int(parts.first ?? "0") ?? 0, parts.count > 1 ? Int(parts[1]) ?? 0 : 0)
        guard version.major == 3, (9...13).contains(version.minor), !text.contains("free-threading") else {
            throw PythonUnsupported(reason: "it is version \(text)")
        }
        try PythonRuntime.checkTypeLayout()
        // All that the engine itself will ever import, so that no update does.
        for module in [
            "gc", "marshal", "opcode", "_weakref", "importlib.util", "tokenize", "linecache", "traceback", "contextlib", "warnings", "ast",
            "_signal", "atexit",
        ] {
            _ = try Owned(unsafe PyImport_ImportModule(module))
        }
        heap = try Heap()
        function = try FunctionLayout()
        code = try CodeLayout(minorVersion: version.minor)
        guard
            let descriptor = py_PyBaseObject_Type().reference(at: py_type_dict).orNil?[item: "__class__"]
                ?? (try? PythonRuntime.baseObjectDescriptor())
        else { throw PythonUnsupported(reason: "object has no __class__") }
        classDescriptor = Held(descriptor)
        let functools = try Owned(unsafe PyImport_ImportModule("functools"))
        cachingWrapper = Held(stealing: try functools.ref.attribute("_lru_cache_wrapper").relinquish())
        cacheLayout = CacheLayout()
        partial = Held(stealing: try functools.ref.attribute("partial").relinquish())
        weakReference = Held(stealing: try Owned(unsafe PyImport_ImportModule("_weakref")).ref.attribute("ReferenceType").relinquish())
    }

    /// Since 3.12 the dictionaries of built-in classes lie elsewhere.
    private static func baseObjectDescriptor() throws -> PyRef {
        let dictionary = try py_PyBaseObject_Type().attribute("__dict__")
        let get = try dictionary.ref.attribute("get")
        let key = try PyRef.string("__class__")
        let found = try get.ref.call(key.ref)
        return found.ref  // kept alive by the class itself
    }

    /// Compares a few fields of known classes with what Python says of them.
    private static func checkTypeLayout() throws {
        let type = py_PyFunction_Type()
        let size = try type.attribute("__basicsize__")
        let base = try type.attribute("__base__")
        let order = try type.attribute("__mro__")
        guard PyLong_AsLongLong(size.ref) == Int64(py_word(type, py_type_basicsize)),
            type.reference(at: py_type_base) == base.ref,
            type.reference(at: py_type_mro) == order.ref
        else { throw PythonUnsupported(reason: "its classes are laid out in another way") }
    }
}

extension PyRef {
    /// The dictionary of a class made by Python code (borrowed).
    var classDict: PyRef { reference(at: py_type_dict) }
    /// The tuple of a class's bases (borrowed).
    var classBases: PyRef { reference(at: py_type_bases) }
    /// Whether the class was made at run time, by a `class` statement or the like.
    var isHeapClass: Bool { py_word(self, py_type_flags) & (1 << 9) != 0 }

    /// A class's attribute as `type` finds it, past what a metaclass overrides.
    func classAttribute(_ name: PyRef) -> Held? {
        let value = py_slot_getattr(py_PyType_Type(), self, name)
        if value.isNull { PyErr_Clear() }
        return value.orNil.map(Held.init(stealing:))
    }
}
