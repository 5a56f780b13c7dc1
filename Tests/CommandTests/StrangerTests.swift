import Foundation
import InstarServing
import SystemPackage
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// Several users and several programs on one machine. Becoming another user needs an administrator.
@Suite struct StrangerTests {
    private static let nobody = ["--reuid", "65534", "--regid", "65534", "--clear-groups"]
    private static let canBeNobody =
        geteuid() == 0 && (try? ChildProcess.run("setpriv", nobody + [Products.path("instar").string, "--help"])) == .exit(0)

    @Test(.enabled(if: canBeNobody, "running as another user needs an administrator, and a build that others may read"))
    func `I7: another user can neither use nor change a player's store, and is told so`() throws {
        let studio = try installed()
        try setPermissions(studio.folder.path, 0o755)
        let before = try fileStamps(studio.store)
        for words in [["status"], ["verify"], ["confirm"], ["gc"], ["update", "--url", studio.server.url]] {
            let output = studio.folder.path.appending("output")
            let command = [Products.path("instar").string, words[0], "--store", studio.store.string, "--json"] + words.dropFirst()
            let ending = try ChildProcess.run("setpriv", Self.nobody + command, output: output)
            let text = try String(contentsOfFile: output.string, encoding: .utf8)
            #expect(ending == .exit(77) && text.contains("belongs to another user (0)"), "\(words): \(ending) \(text)")
        }
        #expect(try fileStamps(studio.store) == before)
    }

    @Test(.enabled(if: geteuid() == 0, "giving a store away needs an administrator"))
    func `I7: a store that somebody else owns is not used by an administrator either`() throws {
        let studio = try installed()
        try #require(ChildProcess.run("chown", ["-R", "65534:65534", studio.store.string]) == .exit(0))
        let before = try fileStamps(studio.store)
        for command in ["status", "verify", "confirm", "gc", "run"] {
            let refused = try studio.onStore(command)
            #expect(refused.status == 77 && refused.last.string("message")?.contains("another user (65534)") == true, "\(refused.output)")
        }
        #expect(try fileStamps(studio.store) == before)
    }

    @Test(arguments: ["update", "gc"])
    func `I10: a store that another process works on is busy, and its process is named`(_ command: String) throws {
        let studio = try installed()
        try studio.publish("2.0", ["main.py": "print(2)"])
        let output = studio.folder.path.appending("output")
        let holder = try ChildProcess(Products.path("instar-store").string, [studio.store.string, "hold"], output: output)
        while try String(contentsOfFile: output.string, encoding: .utf8).isEmpty { usleep(2000) }
        let busy = command == "gc" ? try studio.onStore("gc") : try studio.update()
        #expect(busy.status == 75 && busy.last.string("kind") == "busy", "\(busy.output)")
        #expect(busy.last.string("message")?.contains("\(holder.identifier)") == true, "\(busy.output)")
        #expect(try studio.status().object("active")?.string("version") == "1.0")
        // Reading and launching do not wait.
        #expect(try studio.onStore("verify").status == 0 && studio.onStore("run").status == 0)
        holder.signal(SIGKILL)
        holder.wait()
        try studio.updated()
    }

    private func installed() throws -> Studio {
        let studio = try Studio()
        try studio.publish("1.0", ["main.py": "print(1)", "instar.json": #"{"entry": {"script": "main.py"}}"#])
        try studio.updated()
        return studio
    }
}
