import InstarDisk
import InstarPublishing
import InstarTrust
import SystemPackage
import TestSupport
import Testing

@Suite struct TrustDocumentTests {
    @Test func `the commands of docs/security.md do what it says, as written`() throws {
        let text = String(
            decoding: try DurableFile.read(Products.packageFolder.appending("docs/security.md"), limit: 1 << 20), as: UTF8.self)
        var blocks: [String] = []
        var isInside = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") {
                isInside = line == "```sh"
                if isInside { blocks.append("") }
            } else if isInside {
                blocks[blocks.count - 1] += line + "\n"
            }
        }
        #expect(blocks.count >= 9)
        let folder = TemporaryFolder()
        let script = "set -euo pipefail\ncd \(folder.path)\nPATH=\(Products.folder):$PATH\n" + blocks.joined()
        let file = try folder.write("script", Array(script.utf8))
        let output = folder.path.appending("output")
        let ending = try ChildProcess.run("bash", [file.string], output: output)
        let printed = String(decoding: try DurableFile.read(output, limit: 1 << 20), as: UTF8.self)
        #expect(ending == .exit(0), "\(printed)")

        // What came of it: every change went through, and the repository holds from its first root on.
        let trust = try RepositoryTrust(opening: folder.path.appending("game"), keys: KeyFolder(folder.path.appending("game.keys")))
        #expect(trust.published.root.root.version == 6)
        #expect(trust.published.root.root.keys(of: "root").threshold == 2)
        #expect(try trust.stagedRoot() == nil)
        #expect(try trust.status().map(\.lifetime) == [365, 365, 90, 7])
    }
}
