internal import CPython
internal import InstarThreads
package import SystemPackage

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// The shared library of a CPython, and where its standard library lies.
package struct PythonLibrary: Hashable, Sendable {
    /// `libpython3.x.so.1.0`, or nothing where the interpreter is in the running process already.
    package var path: FilePath?
    /// The directory above `lib/python3.x`; nil where the library finds it by itself.
    package var home: FilePath?
    /// The interpreter program that belongs to it, for `sys.executable`.
    package var program: FilePath?
    /// The site-packages of the virtual environment whose interpreter was named.
    package var sitePackages: FilePath?

    package init(path: FilePath?, home: FilePath? = nil, program: FilePath? = nil, sitePackages: FilePath? = nil) {
        self.path = path
        self.home = home
        self.program = program
        self.sitePackages = sitePackages
    }

    /// The Python to use: the one named, else `INSTAR_PYTHON`, else the running process, else `python3` of the search path,
    /// else a library where Debian keeps it.
    package static func found(named name: String? = nil) throws(PythonLibraryError) -> PythonLibrary {
        if let name = name ?? environment("INSTAR_PYTHON"), !name.isEmpty { return try named(name) }
        if isInProcess { return PythonLibrary(path: nil) }
        if let asked = try? asked("python3") { return asked }
        for minor in (9...13).reversed() {
            let path = "libpython3.\(minor).so.1.0"
            if let handle = unsafe dlopen(path, RTLD_LAZY | RTLD_LOCAL) {
                unsafe dlclose(handle)
                return PythonLibrary(path: FilePath(path))
            }
        }
        throw PythonLibraryError("no Python was found: install Debian's libpython3.11, or name one with --python or INSTAR_PYTHON")
    }

    /// Whether this process runs an interpreter, or at least holds its code.
    package static var isInProcess: Bool { unsafe dlsym(nil, "Py_IsInitialized") != nil }

    private static func named(_ name: String) throws(PythonLibraryError) -> PythonLibrary {
        guard name.contains(".so") || name.hasSuffix(".dylib") else { return try asked(name) }
        guard unsafe access(name, R_OK) == 0 else { throw PythonLibraryError("there is no Python library \(name)") }
        return PythonLibrary(path: FilePath(name), home: home(above: name))
    }

    /// The nearest directory above a library that holds a standard library.
    private static func home(above library: String) -> FilePath? {
        var directory = FilePath(resolved(library)).removingLastComponent()
        let versions = (9...13).map { "python3.\($0)" }
        while true {
            for version in versions where library.contains("3.\(version.split(separator: ".")[1])") {
                if unsafe access(directory.appending("lib/\(version)/os.py").string, R_OK) == 0 { return directory }
            }
            let parent = directory.removingLastComponent()
            if parent == directory { return nil }
            directory = parent
        }
    }

    private static func resolved(_ path: String) -> String {
        guard let real = unsafe realpath(path, nil) else { return path }
        defer { unsafe free(real) }
        return unsafe String(cString: real)
    }

    // MARK: Asking an interpreter

    private static let question = """
        import sys, sysconfig as s
        v = s.get_config_var
        print('\\n'.join(str(x or '') for x in (v('LIBDIR'), v('MULTIARCH'), v('INSTSONAME') or v('LDLIBRARY'), sys.base_prefix, sys.executable,
            s.get_paths()['purelib'] if sys.prefix != sys.base_prefix else '')))
        """

    /// Asks an interpreter program for its library. `-I` keeps the environment from answering in its place.
    private static func asked(_ program: String) throws(PythonLibraryError) -> PythonLibrary {
        guard let answer = Program.output(of: [program, "-I", "-c", question]) else {
            throw PythonLibraryError("\(program) is no Python that runs; name another with --python")
        }
        let lines = answer.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        guard lines.count >= 6 else { throw PythonLibraryError("\(program) did not say where its library is") }
        let directories = [lines[0], lines[0] + "/" + lines[1], lines[3] + "/lib", lines[3] + "/lib/" + lines[1], "/usr/lib/" + lines[1]]
        for directory in directories where unsafe access(directory + "/" + lines[2], R_OK) == 0 && lines[2].contains(".so") {
            return PythonLibrary(
                path: FilePath(directory + "/" + lines[2]), home: FilePath(lines[3]), program: FilePath(lines[4]),
                sitePackages: lines[5].isEmpty ? nil : FilePath(lines[5]))
        }
        throw PythonLibraryError("\(program) has no shared library (\(lines[2])); install libpython, or name another with --python")
    }

    private static func environment(_ name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe String(cString: value)
    }

    // MARK: Loading

    /// Binds the functions of this library. Done once in a process: the library stays.
    func load() throws(PythonLibraryError) {
        var handle: UnsafeMutableRawPointer?
        if let path {
            // Extension modules look for the interpreter's functions among the global symbols.
            unsafe handle = dlopen(path.string, RTLD_NOW | RTLD_GLOBAL)
            guard unsafe handle != nil else {
                let reason = unsafe dlerror().map { unsafe String(cString: $0) } ?? "unknown"
                throw PythonLibraryError("cannot open the Python library \(path): \(reason)")
            }
        }
        if let missing = unsafe instar_python_load(handle) {
            throw PythonLibraryError(
                "the Python library \(path?.string ?? "of this process") lacks \(unsafe String(cString: missing)); use CPython 3.9 to 3.13")
        }
    }
}

/// A Python that cannot be found or used.
package struct PythonLibraryError: Error, Hashable, Sendable, CustomStringConvertible {
    package var description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Runs a short program and reads what it prints.
enum Program {
    /// What `arguments` print on standard output; nil where the program cannot be run or fails.
    static func output(of arguments: [String]) -> String? {
        var ends: [Int32] = [0, 0]
        guard unsafe pipe(&ends) == 0 else { return nil }
        defer { close(ends[0]) }
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        unsafe posix_spawn_file_actions_addclose(&actions, ends[0])
        unsafe posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        var words: [UnsafeMutablePointer<CChar>?] = unsafe arguments.map { unsafe strdup($0) } + [nil]
        defer { unsafe words.forEach { unsafe free($0) } }
        var process: pid_t = 0
        let status = unsafe posix_spawnp(&process, arguments[0], &actions, nil, &words, environ)
        close(ends[1])
        guard status == 0 else { return nil }
        let text = readAll(ends[0])
        var result: Int32 = 0
        unsafe waitpid(process, &result, 0)
        return result == 0 ? text : nil
    }

    private static func readAll(_ descriptor: Int32) -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while bytes.count < 1 << 20 {
            let count = unsafe read(descriptor, &buffer, buffer.count)
            if count <= 0 { break }
            bytes += buffer[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
