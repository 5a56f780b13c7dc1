import Foundation
import InstarServing
import SystemPackage
import TestSupport
import Testing

/// What a person at a terminal sees: the command runs under `script`, which gives it a real one.
@Suite struct TerminalTests {
    @Test func `a release that crashes on a terminal ends at once and asks nothing`() throws {
        let studio = try Studio()
        try studio.publish("1.0", ["main.py": "import os\nos.abort()", "instar.json": #"{"entry": {"script": "main.py"}}"#])
        try studio.updated()
        let started = ContinuousClock.now
        let (ending, screen) = try onTerminal([Products.path("instar").string, "run", "--store", studio.store.string])
        #expect(ending != .exit(0))
        #expect(!screen.contains("Press space"))
        #expect(ContinuousClock.now - started < .seconds(20))
    }

    @Test func `long work shows a bar on a terminal and no escape codes elsewhere`() throws {
        let studio = try Studio()
        try studio.publish("1.0", ["data.txt": text(lines: 50_000, seed: 1)])
        let update = ["update", "--store", studio.store.string, "--url", studio.server.url, "--root", studio.root.string]
        let (ending, screen) = try onTerminal([Products.path("instar").string] + update)
        #expect(ending == .exit(0))
        #expect(screen.contains("█") && screen.contains("\u{1B}[K"))
        let plain = try InstarCommand.run(
            ["update", "--store", studio.folder.path.appending("other").string] + update.dropFirst(3), json: false)
        #expect(plain.status == 0)
        #expect(!plain.errors.contains("\u{1B}") && !plain.errors.contains("█") && plain.errors.contains("100 %"))
    }

    @Test func `publishing tells of each step to its end, once`() throws {
        let studio = try Studio()
        let empty = Dictionary(uniqueKeysWithValues: (0..<20).map { ("empty/\($0)", "") })
        try studio.publish("1.0", empty.merging(["data.txt": text(lines: 50_000, seed: 1)]) { first, _ in first })
        let edited = text(lines: 49_000, seed: 1) + text(lines: 1000, seed: 2)
        for (name, content) in empty.merging(["data.txt": edited], uniquingKeysWith: { first, _ in first }) {
            try studio.folder.write("build/\(name)", Array(content.utf8))
        }
        let words = ["--repo", studio.repository.string, "--version", "2.0"]
        let published = try InstarCommand.run(["publish", studio.folder.path.appending("build").string] + words, json: false)
        try published.mustSucceed("publish")
        let ends = published.errors.split(separator: "\n").filter { $0.contains(" 100 %") }.map { $0.prefix { $0 != " " } }
        #expect(ends == ["reading", "packing", "deltas"], "\(published.errors)")
    }

    /// Runs a command under a pseudo-terminal; its exit status and all that it wrote.
    private func onTerminal(_ command: [String]) throws -> (ChildProcess.Ending, String) {
        let folder = TemporaryFolder()
        let screen = folder.path.appending("screen")
        let line = command.map { "'\($0)'" }.joined(separator: " ")
        let ending = try ChildProcess.run("script", ["-q", "-e", "-c", line, screen.string], environment: ["TERM": "xterm"])
        return (ending, try String(contentsOfFile: screen.string, encoding: .utf8))
    }
}
