import Foundation
import SystemPackage
import TestSupport
import Testing

/// A directory of Python modules and a script, run by the built `instar dev`.
struct Game {
    private let folder = TemporaryFolder()
    var directory: FilePath { folder.path }

    /// - Parameter files: content by path; versions to come are written by the script itself.
    init(_ files: [String: String] = [:]) throws {
        for (path, content) in files { try write(path, content) }
    }

    func write(_ path: String, _ content: String) throws { try folder.write(path, Array(content.utf8)) }

    /// Runs `script` in the game's directory; what it prints and how it ended. A script that hangs is ended after a minute.
    func run(_ script: String, on python: Python, arguments: [String] = []) throws -> (
        ending: ChildProcess.Ending, output: String, errors: String
    ) {
        try write("script_under_test.py", Game.prelude + script)
        let logs = TemporaryFolder()
        let (output, errors) = (logs.path.appending("output"), logs.path.appending("errors"))
        let process = try ChildProcess(
            "timeout", ["60", Game.instar.path, "dev", directory.string, "script_under_test.py"] + arguments + ["--python", python.path],
            environment: ["LANG": "C.UTF-8", "SWIFT_BACKTRACE": "enable=no", "INSTAR_PYTHON": ""], output: output, errors: errors)
        let ending = process.wait()
        func text(_ path: FilePath) throws -> String {
            String(decoding: try Data(contentsOf: URL(fileURLWithPath: path.string)), as: UTF8.self)
        }
        return (ending, try text(output), try text(errors))
    }

    /// Helpers that every script has: `write(path, text)`, `reload()`, and `refused(...)`, which expects a ReloadError.
    private static let prelude: String = {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("prelude.py")
        return (try? String(contentsOf: file, encoding: .utf8)) ?? "raise SystemError('no prelude')\n"
    }()

    /// The built command, beside the test bundle.
    static let instar: URL = {
        var directory = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
        while directory.path != "/" {
            let candidate = directory.appendingPathComponent("instar")
            if FileManager.default.isExecutableFile(atPath: candidate.path) { return candidate }
            directory.deleteLastPathComponent()
        }
        return URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../.build/debug/instar").standardized
    }()
}

/// Runs a case: modules as they are at first, then a script whose assertions decide.
func expectReload(
    _ files: [String: String], _ script: String, on python: Python, sourceLocation: SourceLocation = #_sourceLocation
) throws {
    let game = try Game(files)
    let result = try game.run(script, on: python)
    #expect(result.ending == .exit(0), "\(python.version): \(result.output)\n\(result.errors)", sourceLocation: sourceLocation)
}
