internal import CPython

/// What a program that plays from a store needs of its interpreter. Expects the lock.
package enum PythonSettings {
    /// Compiled code is not written beside the sources: generations of a store are never modified. A program that sends it
    /// elsewhere with `sys.pycache_prefix` goes on doing so.
    package static func keepGenerationsClean() throws {
        let prefix = unsafe PySys_GetObject("pycache_prefix")
        guard prefix.isNull || prefix == .none else { return }
        try check(unsafe PySys_SetObject("dont_write_bytecode", py__Py_TrueStruct()))
    }

    /// Shows `text` as Python shows warnings.
    package static func warn(_ text: String) throws {
        let warnings = try Owned(unsafe PyImport_ImportModule("warnings"))
        let message = try PyRef.string(text)
        _ = try warnings.ref.attribute("warn").call(message.ref)
    }
}
