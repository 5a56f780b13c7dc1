internal import CPython

/// The free variables of a function.
struct Closure {
    /// Cells by the variable's name.
    let cells: [String: PyRef]

    init(_ function: PyRef, _ layout: FunctionLayout) {
        let closure = function.reference(at: layout.closure)
        guard !closure.isNull else {
            cells = [:]
            return
        }
        cells = Dictionary(
            zip(Code.freeVariables(function.reference(at: layout.code)), closure.elements), uniquingKeysWith: { first, _ in first })
    }

    /// What a cell holds (borrowed); nil while it is empty.
    static func content(_ cell: PyRef) -> PyRef? { cell.reference(at: Closure.contentOffset).orNil }

    /// A cell is a head and one pointer.
    static let contentOffset = 16
}

/// What is asked of code objects.
enum Code {
    static func freeVariables(_ code: PyRef) -> [String] { texts(code, "co_freevars") }
    static func cellVariables(_ code: PyRef) -> [String] { texts(code, "co_cellvars") }

    private static func texts(_ code: PyRef, _ attribute: String) -> [String] {
        code.attributeIfPresent(attribute)?.texts ?? []
    }
}

/// The attributes of an instance, without asking the instance.
enum InstanceDict {
    /// The dictionary (borrowed, kept by the instance); NULL where the class gives its instances none.
    static func of(_ object: PyRef) -> PyRef {
        let type = object.type
        let hasDict =
            Int(bitPattern: py_word(type, py_type_dictoffset)) != 0
            || (type.isHeapClass && py_word(type, py_type_flags) & (1 << 4) != 0)
        guard hasDict, !type.isInstance(of: py_PyModule_Type()) else { return .null }
        let dictionary = PyObject_GenericGetDict(object, nil)
        if dictionary.isNull {
            PyErr_Clear()
            return .null
        }
        dictionary.release()
        return dictionary.isExactDict ? dictionary : .null
    }
}

/// Python's own objects that carry functions: what they carry, and how they are given others.
struct ObjectFields {
    private let runtime: PythonRuntime

    init(_ runtime: PythonRuntime) {
        self.runtime = runtime
    }

    /// The functions inside a static or class method, property, caching wrapper, partial object or cached property,
    /// in a fixed order (borrowed; NULL where one is missing); nil for anything else.
    func callables(of object: PyRef) -> [PyRef]? {
        let type = object.type
        // Static and class methods begin with the callable; a property with getter, setter and deleter.
        if object.isInstance(of: py_PyProperty_Type()) {
            return [object.reference(at: 16), object.reference(at: 24), object.reference(at: 32)]
        }
        if object.isBuiltInWrapper { return [object.reference(at: 16)] }
        if type == runtime.partial.ref { return [object.keptAttribute("func") ?? .null] }
        if type == runtime.cachingWrapper.ref { return [InstanceDict.of(object).orNil?[item: runtime.names.wrapped] ?? .null] }
        return nil
    }
}

/// Keys that can be compared without running the program's code.
enum PlainKey {
    static func isSafe(_ key: PyRef) -> Bool {
        key.isExactly(py_PyUnicode_Type()) || key.isExactly(py_PyLong_Type()) || key.isExactly(py_PyBool_Type())
            || key.isExactly(py_PyBytes_Type()) || key.isExactly(py_PyFloat_Type()) || key.isExactly(py_PyType_Type())
            || key == .none
    }
}

/// Members of enumerations keep their identity where nothing of them is immutable and different.
enum EnumMember {
    /// Whether one cannot stand for the other: they are members of different names, found under one value, or instances of an
    /// immutable built-in class with different content.
    static func differs(_ old: PyRef, _ new: PyRef) -> Bool {
        let names = [old, new].map { InstanceDict.of($0).orNil?[item: "_name_"]?.text }
        if let before = names[0], let after = names[1], before != after { return true }
        for type in [py_PyLong_Type(), py_PyUnicode_Type(), py_PyFloat_Type(), py_PyBytes_Type(), py_PyTuple_Type(), py_PyFrozenSet_Type()]
        where new.isInstance(of: type) && !new.isExactly(type) {
            return !BuiltInContent.equal(old, new, as: type)
        }
        return false
    }
}

/// Content of built-in values, compared by the built-in class's own function.
enum BuiltInContent {
    static func equal(_ a: PyRef, _ b: PyRef, as type: PyRef) -> Bool {
        let result = py_rich_compare(type, a, b)
        defer { result.release() }
        if result.isNull { PyErr_Clear() }
        return result == py__Py_TrueStruct()
    }

    /// Whether two values of the very same plain type are equal; false for anything that would run the program's code.
    static func plainlyEqual(_ a: PyRef, _ b: PyRef) -> Bool {
        a == b || (a.type == b.type && PlainKey.isSafe(a) && equal(a, b, as: a.type))
    }
}
