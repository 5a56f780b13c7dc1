internal import CPython

/// A Python exception, taken from the interpreter as plain values.
package struct PythonException: Error, CustomStringConvertible {
    /// The class's name: `ValueError`.
    package var kind: String
    /// `str()` of the exception.
    package var message: String
    /// The formatted traceback with source lines, as Python prints it.
    package var trace: String
    /// The exception object, for chaining.
    let exception: Held?

    package var description: String { message.isEmpty ? kind : "\(kind): \(message)" }

    /// Takes the exception that is set; none is set afterwards.
    static func taken() -> PythonException {
        var (type, value, traceback) = (PyRef.null, PyRef.null, PyRef.null)
        unsafe PyErr_Fetch(&type, &value, &traceback)
        guard !type.isNull else {
            return PythonException(kind: "SystemError", message: "a call failed without saying why", trace: "", exception: nil)
        }
        unsafe PyErr_NormalizeException(&type, &value, &traceback)
        if !traceback.isNull { PyException_SetTraceback(value, traceback) }
        defer {
            type.release()
            traceback.release()
        }
        return PythonException(
            kind: type.attributeIfPresent("__name__")?.text ?? "Exception", message: value.described(by: PyObject_Str),
            trace: formatted(type, value, traceback), exception: Held(stealing: value))
    }

    /// What `traceback.format_exception` says; empty where even that fails.
    private static func formatted(_ type: PyRef, _ value: PyRef, _ traceback: PyRef) -> String {
        do {
            let module = try Owned(unsafe PyImport_ImportModule("traceback"))
            let format = try module.ref.attribute("format_exception")
            let lines = try format.ref.call(type, value, traceback.orNil ?? .none)
            return lines.ref.elements.compactMap(\.text).joined()
        } catch {
            return ""
        }
    }

    /// Raises the exception again, for C functions that answer NULL.
    func restore() {
        guard let exception else { return unsafe PyErr_SetString(py_PyExc_RuntimeError(), description) }
        PyErr_SetObject(exception.ref.type, exception.ref)
    }
}

extension PyRef {
    /// `str()` or `repr()` of an object that may be hostile.
    func described(by function: (PyRef) -> PyRef) -> String {
        let text = function(self)
        if text.isNull { PyErr_Clear() }
        defer { text.release() }
        return text.orNil?.text ?? ""
    }
}

/// A counted reference to a Python object that Swift values share. Let go of within a scope of the `ReferencePool`, the
/// object lives to the end of that scope; elsewhere, as by the last owner of an update, it is given back at once.
///
/// `@unchecked Sendable`: the reference never changes; its count is only touched with the interpreter's lock held, which
/// the last owner takes by itself.
final class Held: @unchecked Sendable {
    let ref: PyRef

    init(stealing ref: PyRef) {
        self.ref = ref
    }

    init(_ ref: PyRef) {
        self.ref = ref.retained()
    }

    deinit {
        guard Py_IsInitialized() != 0 else { return }
        let state = PyGILState_Ensure()
        if !ReferencePool.add(ref) { Py_DecRef(ref) }
        PyGILState_Release(state)
    }
}
