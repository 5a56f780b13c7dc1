internal import ArgumentParser
internal import InstarPython
internal import SystemPackage

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// The options of commands that run Python code.
struct PythonOptions: ParsableArguments {
    @Option(
        name: .customLong("python"), help: "The Python to use: a libpython, or an interpreter. Default: INSTAR_PYTHON, python3, Debian's.")
    var library: String?

    @Flag(help: "Put site-packages on the import path.")
    var site = false

    /// Starts the interpreter on the calling thread, which has to be the process's first.
    func start(arguments: [String], searchPath: [FilePath], hooks: HookNames = HookNames()) throws -> PythonInterpreter {
        do {
            var configuration = PythonConfiguration(library: try PythonLibrary.found(named: library))
            configuration.arguments = arguments
            configuration.searchPath = searchPath
            configuration.usesSitePackages = site
            configuration.hooks = hooks
            return try PythonInterpreter(starting: configuration)
        } catch let error as PythonLibraryError {
            throw CommandError(.unavailable, error.description)
        }
    }

    /// Ends this process as Python would have ended.
    func exit(_ end: PythonExit) throws {
        if end == .interrupted {
            signal(SIGINT, SIG_DFL)
            kill(getpid(), SIGINT)
        }
        throw ExitCode(end.code)
    }
}
