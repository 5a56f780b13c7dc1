package import CPython

extension InstarModule {
    /// What `PyInit_instar` answers to the interpreter that imports this library: a new reference to the module, or NULL with
    /// ImportError or another exception set. Called with the interpreter's lock held, once in a process.
    ///
    /// - Parameter prepare: gives the module what this library adds to reloading.
    package static func imported(_ prepare: (InstarModule) -> Void) -> PyRef {
        do {
            // Before anything else: the functions that all else calls.
            try PythonLibrary(path: nil).load()
            return try ReferencePool.scope {
                let module = try make()
                prepare(module)
                let object = try Owned(unsafe py_new_extension_module(py_static_name("instar"), py_static_name(documentation)))
                try module.fill(object.ref)
                try callAtExit()
                return object.relinquish()
            }
        } catch let exception as PythonException {
            exception.restore()
        } catch {
            unsafe py_raise_import_error("\(error)")
        }
        return .null
    }

    /// Lets a store that was opened know when the interpreter ends, after the program's own exit functions.
    private static func callAtExit() throws {
        let atexit = try Owned(unsafe PyImport_ImportModule("atexit"))
        let name = try PyRef.string("instar")
        let function = try InstarFunction.atExit.made(in: name.ref)
        _ = try atexit.ref.attribute("register").call(function.ref)
    }
}
