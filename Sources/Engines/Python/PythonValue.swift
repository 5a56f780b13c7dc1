internal import CPython
internal import InstarReload

/// A value that goes to Python or comes from it, made of what JSON is made of.
package enum PythonValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    case array([PythonValue])
    case object([String: PythonValue])

    /// The value of a Python object: of None, bool, int, float, str, paths, and lists, tuples and sets of these.
    ///
    /// - Throws: `TypeError` for anything else.
    init(_ object: PyRef) throws(PythonException) {
        if object == .none {
            self = .null
        } else if object.isExactly(py_PyBool_Type()) {
            self = .bool(object == py__Py_TrueStruct())
        } else if object.isInstance(of: py_PyLong_Type()) {
            self = .integer(Int(PyLong_AsLongLong(object)))
            if !PyErr_Occurred().isNull { throw PythonException.taken() }
        } else if object.isInstance(of: py_PyFloat_Type()) {
            self = .number(PyFloat_AsDouble(object))
        } else if let text = object.text {
            self = .string(text)
        } else if let path = object.attributeIfPresent("__fspath__") {
            self = try PythonValue(path.ref.call().ref)
        } else {
            self = .array(try PythonValue.elements(of: object))
        }
    }

    private static func elements(of object: PyRef) throws(PythonException) -> [PythonValue] {
        let iterator = try Owned(PyObject_GetIter(object))
        var elements: [PythonValue] = []
        while true {
            let element = PyIter_Next(iterator.ref)
            if element.isNull { break }
            let held = Held(stealing: element)
            elements.append(try PythonValue(held.ref))
        }
        if !PyErr_Occurred().isNull { throw PythonException.taken() }
        return elements
    }

    /// A new Python object. Expects the interpreter's lock.
    func made() throws(PythonException) -> Owned {
        switch self {
        case .null: return Owned(borrowing: .none)
        case .bool(let value): return Owned(borrowing: value ? py__Py_TrueStruct() : py__Py_FalseStruct())
        case .integer(let value): return try Owned(PyLong_FromLongLong(Int64(value)))
        case .number(let value): return try Owned(PyFloat_FromDouble(value))
        case .string(let value): return try PyRef.string(value)
        case .array(let values):
            let list = try Owned(PyList_New(0))
            for value in values {
                let element = try value.made()
                try check(PyList_Append(list.ref, element.ref))
            }
            return list
        case .object(let members):
            let dictionary = try Owned(PyDict_New())
            for (key, value) in members.sorted(by: { $0.key < $1.key }) {
                let (key, value) = (Held(stealing: try PyRef.string(key).relinquish()), Held(stealing: try value.made().relinquish()))
                try check(PyDict_SetItem(dictionary.ref, key.ref, value.ref))
            }
            return dictionary
        }
    }
}

extension ReloadReport {
    /// The report as Python and JSON see it.
    package var value: PythonValue {
        var parts: [String: PythonValue] = [:]
        for module in modules { parts[module.name] = module.value }
        return .object([
            "modules": .object(parts),
            "counts": .object(Dictionary(uniqueKeysWithValues: counts.map { ($0.heading, .integer($0.count)) })),
            "log": .array(log.map { .string($0) }),
            "hooks": .integer(hooks),
            "passes": .integer(heapPasses),
            "prepare": .number(prepareSeconds),
            "commit": .number(commitSeconds),
            "hookTime": .number(hookSeconds),
        ])
    }
}

extension ModuleReport {
    fileprivate var value: PythonValue {
        func list(_ names: [String]) -> PythonValue { .array(names.map { .string($0) }) }
        return .object([
            "added": list(added), "updated": list(updated), "replaced": list(replaced), "retained": list(retained),
            "removed": list(removed),
        ])
    }
}
