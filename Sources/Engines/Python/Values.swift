internal import CPython

extension PyRef {
    /// The text of a string object; nil for anything else.
    var text: String? {
        guard isString else { return nil }
        var size = 0
        guard let bytes = unsafe PyUnicode_AsUTF8AndSize(self, &size) else {
            PyErr_Clear()  // lone surrogates: not a name of ours
            return nil
        }
        return unsafe String(decoding: UnsafeRawBufferPointer(start: bytes, count: size), as: UTF8.self)
    }

    /// A new string object.
    static func string(_ text: String) throws(PythonException) -> Owned {
        let bytes = Array(text.utf8)
        let new = unsafe bytes.withUnsafeBytes {
            unsafe PyUnicode_FromStringAndSize($0.baseAddress?.assumingMemoryBound(to: CChar.self) ?? emptyText, $0.count)
        }
        return try Owned(new)
    }

    /// A string object that lives as long as the interpreter, one for each text.
    static func name(_ text: String) -> PyRef {
        if let known = unsafe knownNames[text] { return known }
        let new = unsafe PyUnicode_InternFromString(text)
        unsafe knownNames[text] = new.orNil
        return new
    }

    /// Strings once made are there when memory is short. Guarded by the interpreter's lock.
    nonisolated(unsafe) private static var knownNames: [String: PyRef] = [:]

    /// A new bytes object.
    static func bytes(_ bytes: [UInt8]) throws(PythonException) -> Owned {
        let new = unsafe bytes.withUnsafeBytes {
            unsafe PyBytes_FromStringAndSize($0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count)
        }
        return try Owned(new)
    }

    /// The content of a bytes object; nil for anything else.
    var byteContent: [UInt8]? {
        guard isInstance(of: py_PyBytes_Type()) else { return nil }
        var start: UnsafeMutablePointer<CChar>? = nil
        var size = 0
        guard unsafe PyBytes_AsStringAndSize(self, &start, &size) == 0 else {
            PyErr_Clear()
            return nil
        }
        return unsafe Array(UnsafeRawBufferPointer(start: start, count: size))
    }

    /// An attribute as Python code would read it: for objects that are known, never for foreign ones.
    func attribute(_ name: String) throws(PythonException) -> Owned {
        try Owned(unsafe PyObject_GetAttrString(self, name))
    }

    /// The same, nil where it is missing.
    func attributeIfPresent(_ name: String) -> Held? {
        let value = unsafe PyObject_GetAttrString(self, name)
        if value.isNull { PyErr_Clear() }
        return value.isNull ? nil : Held(stealing: value)
    }

    /// The same where the object itself keeps what it answers (borrowed): its count is as it was.
    func keptAttribute(_ name: String) -> PyRef? {
        let value = unsafe PyObject_GetAttrString(self, name)
        if value.isNull { PyErr_Clear() }
        value.release()
        return value.orNil
    }

    /// The value of a dictionary under `key` (borrowed); nil where it is missing.
    subscript(item key: PyRef) -> PyRef? {
        let value = PyDict_GetItemWithError(self, key)
        if value.isNull { PyErr_Clear() }
        return value.orNil
    }

    /// The same by text.
    subscript(item key: String) -> PyRef? { unsafe PyDict_GetItemString(self, key).orNil }

    /// Calls with positional arguments.
    func call(_ arguments: PyRef...) throws(PythonException) -> Owned {
        let result = unsafe arguments.withUnsafeBufferPointer { unsafe PyObject_VectorcallDict(self, $0.baseAddress, $0.count, .null) }
        return try Owned(result)
    }

    /// Keys and values of a dictionary (borrowed), taken at once so that the dictionary may change meanwhile.
    var items: [(key: PyRef, value: PyRef)] {
        var found: [(key: PyRef, value: PyRef)] = []
        found.reserveCapacity(PyDict_Size(self))
        var position = 0
        var key = PyRef.null
        var value = PyRef.null
        while unsafe PyDict_Next(self, &position, &key, &value) != 0 { found.append((key, value)) }
        return found
    }

    /// From a tuple to its first element.
    static let tupleContent = 24

    /// The elements of a tuple or list (borrowed).
    var elements: [PyRef] {
        if isInstance(of: py_PyTuple_Type()) { return (0..<PyTuple_Size(self)).map { reference(at: PyRef.tupleContent + 8 * $0) } }
        if isInstance(of: py_PyList_Type()) { return (0..<PyList_Size(self)).map { PyList_GetItem(self, $0) } }
        return []
    }

    /// A new tuple of `elements`.
    static func tuple(_ elements: [PyRef]) throws(PythonException) -> Owned {
        let tuple = try Owned(PyTuple_New(elements.count))
        for (index, element) in elements.enumerated() { PyTuple_SetItem(tuple.ref, index, element.retained()) }
        return tuple
    }
}

/// Text of no bytes, for C functions that want a pointer in any case.
nonisolated(unsafe) private let emptyText: UnsafePointer<CChar> = unsafe UnsafePointer(UnsafeMutablePointer<CChar>.allocate(capacity: 1))
