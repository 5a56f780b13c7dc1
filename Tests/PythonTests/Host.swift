import Foundation
import SystemPackage
import TestSupport
import Testing

/// An ordinary `python3` program, which nobody but itself started, with the built module on its import path.
struct Host {
    private let folder = TemporaryFolder()
    let python: HostPython

    init(_ python: HostPython) throws {
        self.python = python
        try folder.write("program/script.py", Array(Host.prelude.utf8))
        try FileManager.default.createDirectory(atPath: folder.path.appending("modules").string, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: folder.path.appending("modules/instar.abi3.so").string,
            withDestinationPath: Products.path("libInstarPythonModule.so").string)
    }

    var directory: FilePath { folder.path.appending("program") }

    /// Runs `script` in development mode, where Python warns of whatever is not as it should be, and takes warnings for
    /// errors; what it prints and how it ended. A script that hangs is ended after minutes.
    ///
    /// - Parameter before: runs before `import instar`.
    func run(_ script: String, _ arguments: [String] = [], warnings: String = "error", before: String = "") throws -> (
        ending: ChildProcess.Ending, output: String, errors: String
    ) {
        let file = directory.appending("script.py")
        try Data((before + Host.prelude + script).utf8).write(to: URL(fileURLWithPath: file.string))
        let (output, errors) = (folder.path.appending("output"), folder.path.appending("errors"))
        let process = try ChildProcess(
            "timeout", ["150", python.program, "-X", "dev", "-W", warnings, file.string] + arguments,
            environment: [
                "PYTHONPATH": folder.path.appending("modules").string, "LANG": "C.UTF-8", "PYTHONHASHSEED": "0",
                "PYTHONDONTWRITEBYTECODE": "",
            ], output: output, errors: errors)
        let ending = process.wait()
        func text(_ path: FilePath) throws -> String { try String(contentsOfFile: path.string, encoding: .utf8) }
        return (ending, try text(output), try text(errors))
    }

    private static let prelude = """
        import instar, os, sys, threading, time
        HERE = os.path.dirname(os.path.abspath(__file__))
        def write(path, text):
            with open(os.path.join(HERE, path), 'w') as file: file.write(text)
        def refused(*arguments, **keywords):
            try: instar.reload(*arguments, **keywords)
            except instar.ReloadError as error: return error
            raise AssertionError('the update was not refused')

        """
}

/// An interpreter program: linked to its library, or with all of it inside.
struct HostPython: Sendable, CustomTestStringConvertible {
    var name: String
    var program: String

    var testDescription: String { name }

    static let all: [HostPython] = {
        var found = Python.all.compactMap { python -> HostPython? in
            let program = URL(fileURLWithPath: python.path).deletingLastPathComponent().deletingLastPathComponent()
                .appendingPathComponent("bin/python\(python.version)").path
            return FileManager.default.isExecutableFile(atPath: program) ? HostPython(name: python.version, program: program) : nil
        }
        // Debian's has the whole interpreter in the program.
        let debian = "/usr/bin/python3"
        if FileManager.default.isExecutableFile(atPath: debian) { found.append(HostPython(name: "Debian's", program: debian)) }
        return found
    }()

    static let any = all.first { $0.name == "3.11" } ?? all.first ?? HostPython(name: "none", program: "/nonexistent")
}
