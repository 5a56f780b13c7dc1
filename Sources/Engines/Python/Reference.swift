public import CPython

// Whoever touches Python objects holds the interpreter's lock (GIL); every function of this target expects it unless it
// says otherwise. A `PyRef` owns nothing: where a count is kept, the documentation says so.

extension PyRef: @retroactive Equatable, @retroactive Hashable {
    public static func == (a: PyRef, b: PyRef) -> Bool { a.address == b.address }

    public func hash(into hasher: inout Hasher) { hasher.combine(address) }

    /// An address needs no hashing that withstands an attacker, and an update looks up hundreds of thousands: sets and
    /// dictionaries ask here first. Objects are 16-byte aligned; the golden ratio's bits spread what is left.
    public func _rawHashValue(seed: Int) -> Int {
        let spread = (UInt(address) >> 4 ^ UInt(bitPattern: seed)) &* 0x9E37_79B9_7F4A_7C15
        return Int(bitPattern: spread ^ spread >> 32)
    }
}

extension PyRef {
    static var null: PyRef { PyRef(address: 0) }
    static var none: PyRef { py__Py_NoneStruct() }

    var isNull: Bool { address == 0 }
    /// The object, or nil for C's NULL.
    var orNil: PyRef? { address == 0 ? nil : self }
    /// The object's class (borrowed). Never asks the object itself.
    var type: PyRef { py_type(self) }
    /// Whether the object's class is exactly `type`.
    func isExactly(_ type: PyRef) -> Bool { py_type(self) == type }
    /// Whether the object is an instance of `type` or of a subclass, decided by its class alone.
    func isInstance(of type: PyRef) -> Bool { py_type(self) == type || PyType_IsSubtype(py_type(self), type) != 0 }

    var isFunction: Bool { isExactly(py_PyFunction_Type()) }
    var isClass: Bool { isInstance(of: py_PyType_Type()) }
    var isModule: Bool { isInstance(of: py_PyModule_Type()) }
    var isExactDict: Bool { isExactly(py_PyDict_Type()) }
    var isString: Bool { isInstance(of: py_PyUnicode_Type()) }

    /// Adds one to the count, for whoever keeps the reference.
    @discardableResult
    func retained() -> PyRef {
        if address != 0 { Py_IncRef(self) }
        return self
    }

    /// Gives one count back; may run any destructor.
    func release() {
        if address != 0 { Py_DecRef(self) }
    }

    /// The word at `offset` as a reference (borrowed).
    func reference(at offset: Int) -> PyRef { PyRef(address: py_word(self, offset)) }
}

/// A reference that is owned, and given to the `ReferencePool` when the owner's life ends: `ref` is good until the pool's
/// scope ends.
struct Owned: ~Copyable {
    let ref: PyRef

    /// Takes over a new reference; NULL throws the exception that is set.
    init(_ new: PyRef) throws(PythonException) {
        guard !new.isNull else { throw PythonException.taken() }
        ref = new
    }

    init(borrowing borrowed: PyRef) {
        ref = borrowed.retained()
    }

    /// Hands the count over to a function that steals it, or to a caller.
    consuming func relinquish() -> PyRef {
        let ref = ref
        discard self
        return ref
    }

    /// Calls the object with positional arguments, and lets go of it afterwards.
    consuming func call(_ arguments: PyRef...) throws(PythonException) -> Owned {
        let result = unsafe arguments.withUnsafeBufferPointer { unsafe PyObject_VectorcallDict(ref, $0.baseAddress, $0.count, .null) }
        return try Owned(result)
    }

    deinit {
        // Without a scope the object stays for good: a leak, where giving it back now could be too early.
        if !ReferencePool.add(ref) { assertionFailure("a Python reference is owned outside any scope of the pool") }
    }
}

extension Held {
    /// The text of a string object.
    var text: String? { ref.text }
    /// The texts in a tuple or list.
    var texts: [String] { ref.elements.compactMap(\.text) }
    /// The content of a bytes object.
    var byteContent: [UInt8]? { ref.byteContent }
}

/// Throws the exception that is set where a call answered -1.
@discardableResult
func check(_ status: CInt) throws(PythonException) -> CInt {
    if status < 0 { throw PythonException.taken() }
    return status
}

/// Takes something back: what fails for want of memory is tried again, since stopping half-way would be worse.
func insist(_ body: () -> CInt) {
    for _ in 0..<3 {
        if body() >= 0 { return }
        PyErr_Clear()
    }
}
