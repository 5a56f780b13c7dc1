internal import CPython
package import SystemPackage

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// How an interpreter is started.
package struct PythonConfiguration: Sendable {
    /// The Python to use.
    package var library: PythonLibrary
    /// `sys.argv` after the script.
    package var arguments: [String] = []
    /// Directories in front of the standard library on the import path.
    package var searchPath: [FilePath] = []
    /// Whether site-packages are on the import path.
    package var usesSitePackages = false
    package var hooks = HookNames()

    package init(library: PythonLibrary) {
        self.library = library
    }
}

/// How a Python program ended.
package enum PythonExit: Hashable, Sendable {
    case status(Int32)
    /// By Ctrl-C, its traceback printed.
    case interrupted

    /// As a shell would count it.
    package var code: Int32 {
        switch self {
        case .status(let code): code
        case .interrupted: 128 + SIGINT
        }
    }
}

/// The interpreter of this process. It belongs to the thread that started it; `run` is called on that one.
package final class PythonInterpreter {
    package let module: InstarModule
    private let arguments: [String]

    /// Called when the program is through and the interpreter is about to end: the last moment to take back what was prepared.
    package var beforeEnding: () -> Void = {}

    package var engine: PythonEngine { module.engine }

    /// Starts an interpreter on the calling thread: isolated from the environment, writing no bytecode.
    package init(starting configuration: PythonConfiguration) throws {
        try configuration.library.load()
        guard Py_IsInitialized() == 0 else { throw PythonLibraryError("an interpreter runs in this process already; attach to it") }
        PythonInterpreter.setFlags(configuration)
        Py_InitializeEx(1)
        arguments = configuration.arguments
        module = try ReferencePool.scope {
            try PythonInterpreter.setPath(configuration)
            let module = try InstarModule.make(hooks: configuration.hooks)
            try module.install()
            return module
        }
    }

    private static func setFlags(_ configuration: PythonConfiguration) {
        py_set_Py_IsolatedFlag(1)
        py_set_Py_IgnoreEnvironmentFlag(1)
        py_set_Py_NoUserSiteDirectory(1)
        py_set_Py_NoSiteFlag(configuration.usesSitePackages ? 0 : 1)
        py_set_Py_DontWriteBytecodeFlag(1)
        // Without a locale, text is UTF-8 all the same.
        py_set_Py_UTF8Mode(["LC_ALL", "LC_CTYPE", "LANG"].contains { PythonInterpreter.namesLocale($0) } ? 0 : 1)
        if let home = configuration.library.home { unsafe Py_SetPythonHome(lasting(home.string)) }
        if let program = configuration.library.program { unsafe Py_SetProgramName(lasting(program.string)) }
    }

    private static func namesLocale(_ variable: String) -> Bool {
        guard let value = unsafe getenv(variable) else { return false }
        return unsafe !["", "C", "POSIX"].contains(String(cString: value))
    }

    /// Wide text that stays as long as the process, as CPython asks.
    private static func lasting(_ text: String) -> UnsafePointer<wchar_t> {
        let scalars = text.unicodeScalars.map { wchar_t(truncatingIfNeeded: $0.value) } + [0]
        let copy = UnsafeMutablePointer<wchar_t>.allocate(capacity: scalars.count)
        unsafe copy.initialize(from: scalars, count: scalars.count)
        return unsafe UnsafePointer(copy)
    }

    private static func setPath(_ configuration: PythonConfiguration) throws {
        guard let path = unsafe PySys_GetObject("path").orNil else { return }
        let front = try configuration.searchPath.map { Held(stealing: try PyRef.string($0.string).relinquish()) }
        let list = try PyRef.listOf(front.map(\.ref))
        try check(PyList_SetSlice(path, 0, 0, list.ref))
        if configuration.usesSitePackages, let packages = configuration.library.sitePackages {
            let site = try Owned(unsafe PyImport_ImportModule("site"))
            let directory = try PyRef.string(packages.string)
            _ = try site.ref.attribute("addsitedir").call(directory.ref)
        }
    }

    // MARK: Running

    /// Runs a script file as `__main__`, to its end.
    package func run(script: FilePath) throws -> PythonExit {
        try ReferencePool.scope { try setArguments(script.string) }
        let content = try SourceFile.bytes(of: script.string)
        return ending {
            let main = Owned(borrowing: unsafe PyImport_AddModule("__main__"))
            let scope = PyModule_GetDict(main.ref)
            let file = try PyRef.string(script.string)
            try check(unsafe PyDict_SetItemString(scope, "__file__", file.ref))
            let code = try Builtins.compile(PyRef.bytes(content), file: script.string)
            _ = try Owned(PyEval_EvalCode(code.ref, scope, scope))
        }
    }

    /// Runs a module of the import path as `__main__`, as `python -m` does.
    package func run(module name: String) throws -> PythonExit {
        try ReferencePool.scope { try setArguments(name) }
        return ending {
            let runner = try Owned(unsafe PyImport_ImportModule("runpy"))
            let text = try PyRef.string(name)
            _ = try runner.ref.attribute("_run_module_as_main").call(text.ref)
        }
    }

    private func setArguments(_ first: String) throws {
        let list = try Owned(PyList_New(0))
        for argument in [first] + arguments {
            let text = try PyRef.string(argument)
            PyList_Append(list.ref, text.ref)
        }
        unsafe PySys_SetObject("argv", list.ref)
    }

    /// Runs `body` and ends the interpreter: threads are waited for, exit functions run.
    private func ending(_ body: () throws -> Void) -> PythonExit {
        var exit = PythonExit.status(0)
        // The scope stays open while the program runs, but each of its calls into the engine opens its own.
        ReferencePool.scope {
            do { try body() } catch let exception as PythonException {
                exit = PythonInterpreter.report(exception)
            } catch {
                exit = .status(1)
            }
        }
        beforeEnding()
        if Py_FinalizeEx() < 0, exit == .status(0) { exit = .status(120) }  // output that could not be flushed, as Python counts it
        return exit
    }

    /// Does what Python does with an exception that nobody caught.
    private static func report(_ exception: PythonException) -> PythonExit {
        guard let held = exception.exception else { return .status(1) }
        if PyErr_GivenExceptionMatches(held.ref, py_PyExc_SystemExit()) != 0 { return .status(exitStatus(held.ref)) }
        exception.restore()
        PyErr_PrintEx(0)
        return PyErr_GivenExceptionMatches(held.ref, py_PyExc_KeyboardInterrupt()) != 0 ? .interrupted : .status(1)
    }

    /// `SystemExit` carries a number, nothing, or something to print.
    private static func exitStatus(_ exception: PyRef) -> Int32 {
        guard let code = exception.attributeIfPresent("code"), code.ref != .none else { return 0 }
        if code.ref.isInstance(of: py_PyLong_Type()) { return Int32(truncatingIfNeeded: PyLong_AsLongLong(code.ref)) & 0xFF }
        let text = code.ref.described(by: PyObject_Str) + "\n"
        if let error = unsafe PySys_GetObject("stderr").orNil, let line = try? PyRef.string(text) {
            _ = try? error.attribute("write").call(line.ref)
        }
        return 1
    }
}
