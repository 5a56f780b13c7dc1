internal import CPython

/// Where the fields of a function object lie in this interpreter: found by looking for known objects in a fresh function.
struct FunctionLayout {
    private(set) var code = 0
    private(set) var globals = 0
    /// Zero before 3.10, where a function looks them up in its globals.
    private(set) var builtins = 0
    private(set) var defaults = 0
    private(set) var keywordDefaults = 0
    private(set) var closure = 0
    private(set) var documentation = 0
    private(set) var attributes = 0
    private(set) var module = 0
    private(set) var annotations = 0
    private(set) var name = 0
    private(set) var qualifiedName = 0
    /// Zero before 3.12.
    private(set) var typeParameters = 0
    /// What an update copies from the new function; defaults and attributes are treated one by one.
    private(set) var copied: [Int] = []

    private static let probe = """
        def _instar_outer():
            captured = object()
            def probe(a=1.5, *, b=2.5) -> 'result':
                'a documentation string'
                return captured
            probe.attribute = 1
            return probe
        probe = _instar_outer()
        """

    init() throws {
        let scope = try Owned(PyDict_New())
        let moduleName = try PyRef.string("_instar_probe")
        unsafe PyDict_SetItemString(scope.ref, "__name__", moduleName.ref)
        unsafe PyDict_SetItemString(scope.ref, "__builtins__", PyEval_GetBuiltins())
        let code = try Builtins.compile(FunctionLayout.probe, file: "<instar>")
        _ = try Owned(PyEval_EvalCode(code.ref, scope.ref, scope.ref))
        guard let probe = scope.ref[item: "probe"] else { throw PythonUnsupported(reason: "it makes no functions") }
        try locate(in: probe)
        PyDict_Clear(scope.ref)
    }

    private mutating func locate(in probe: PyRef) throws {
        self.code = try offset(of: "__code__", in: probe)
        globals = try offset(of: "__globals__", in: probe)
        defaults = try offset(of: "__defaults__", in: probe)
        keywordDefaults = try offset(of: "__kwdefaults__", in: probe)
        closure = try offset(of: "__closure__", in: probe)
        documentation = try offset(of: "__doc__", in: probe)
        attributes = try offset(of: "__dict__", in: probe)
        module = try offset(of: "__module__", in: probe)
        annotations = try offset(of: "__annotations__", in: probe)
        name = try offset(of: "__name__", in: probe)
        qualifiedName = try offset(of: "__qualname__", in: probe)
        if probe.attributeIfPresent("__builtins__") != nil { builtins = try offset(of: "__builtins__", in: probe) }
        if probe.attributeIfPresent("__type_params__") != nil { typeParameters = annotations + 8 }
        copied = [
            code, globals, builtins, keywordDefaults, closure, documentation, annotations, name, qualifiedName, module, typeParameters,
        ]
        .filter { $0 != 0 }
    }

    private func offset(of attribute: String, in probe: PyRef) throws -> Int {
        let value = try probe.attribute(attribute)
        let size = Int(py_word(probe.type, py_type_basicsize))
        for offset in stride(from: 16, to: size, by: 8) where probe.reference(at: offset) == value.ref { return offset }
        throw PythonUnsupported(reason: "its functions keep \(attribute) in another way")
    }
}

/// The built-in functions, whatever the program made of them.
enum Builtins {
    static func function(_ name: String) throws(PythonException) -> Owned {
        let module = try Owned(unsafe PyImport_ImportModule("builtins"))
        return try module.ref.attribute(name)
    }

    /// Code of a module from source text, with no compiler flags of whoever calls.
    static func compile(_ source: String, file: String) throws(PythonException) -> Owned {
        try compile(PyRef.bytes(Array(source.utf8)), file: file)
    }

    /// Code of a module from the bytes of a source file; an encoding declaration in them counts.
    ///
    /// - Parameter flags: what `from __future__` has switched on already.
    static func compile(_ source: consuming Owned, file: String, flags: Int64 = 0) throws(PythonException) -> Owned {
        let compile = try function("compile")
        let name = try PyRef.string(file)
        let mode = try PyRef.string("exec")
        let flags = try Owned(PyLong_FromLongLong(flags))
        return try compile.ref.call(source.ref, name.ref, mode.ref, flags.ref, py__Py_TrueStruct())
    }
}
