internal import ArgumentParser
internal import InstarPython
internal import InstarReload
internal import SystemPackage

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// `instar dev`: a game under development, its code replaced while it runs.
struct DevCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dev",
        abstract: "Run a script with live reload.",
        discussion: """
            The script finds DIR on its import path and may `import instar`: instar.reload() replaces the code of every
            changed module in one transaction, instar.plan() says what that would do.
            """)

    @Argument(help: "The directory of the game's modules.")
    var directory: String

    @Argument(help: "The script to run, looked for in DIR first.")
    var script: String

    @Argument(parsing: .allUnrecognized, help: "Arguments of the script.")
    var arguments: [String] = []

    @Flag(help: "Apply edits at the script's next instar.poll(), and show what changed.")
    var watch = false

    @OptionGroup var python: PythonOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let root = FilePath(try absolute(directory))
        let inside = root.pushing(FilePath(script))
        let file = unsafe access(inside.string, R_OK) == 0 ? inside : FilePath(script)
        guard unsafe access(file.string, R_OK) == 0 else { throw CommandError(.noInput, "there is no script \(script) in \(directory)") }
        Terminal.leaveCrashesToTheSystem()
        let interpreter = try python.start(arguments: arguments, searchPath: [root])
        interpreter.module.root = root
        let edits = WatchedEdits(root, watches: watch, module: interpreter.module, output: output.output)
        interpreter.module.services = edits
        try python.exit(interpreter.run(script: file))
    }

    private func absolute(_ path: String) throws -> String {
        guard let real = unsafe realpath(path, nil) else { throw CommandError(.noInput, "there is no directory \(path)") }
        defer { unsafe free(real) }
        return unsafe String(cString: real)
    }
}
