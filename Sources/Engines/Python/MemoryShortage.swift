internal import CPython

/// An update for which memory ran out somewhere.
///
/// The engine asks CPython thousands of questions where "there is none" is an answer like any other. A question that failed
/// for want of memory looks the same: such errors are noted where they are forgotten, and the update is refused in place of
/// being put in place by halves.
enum MemoryShortage {
    /// From here on counts.
    static func begin() { py_note_memory() }

    /// Throws where memory ran out since, whoever noticed, and where an error was left set.
    static func check() throws(PythonException) {
        if !PyErr_Occurred().isNull { throw PythonException.taken() }
        guard py_was_short_of_memory() != 0 else { return }
        py_note_memory()
        unsafe PyErr_SetString(py_PyExc_MemoryError(), "memory ran out while the update was prepared")
        throw PythonException.taken()
    }
}
