import InstarDisk
import InstarStore
import StoreSamples
import SystemPackage
import TestSupport
import Testing

/// A large update asks the disk for what it wrote while it writes more.
struct EarlySyncTests {
    @Test func `the disk is asked for content before all of it is written`() throws {
        // Writes take 20 ms, so that the thread that asks gets its turn among them on a busy machine, too.
        let calls = try tracedUpdate(in: TestStore(), ["-e", "trace=syncfs,pwrite64", "-e", "inject=pwrite64:delay_enter=20000"]).calls
        let first = try #require(calls.firstIndex { $0.contains("syncfs(") })
        #expect(calls[first...].contains { $0.contains("pwrite64(") })
        #expect(calls.count { $0.contains("syncfs(") } > 1)
    }

    @Test func `where the disk fails at that, the staging is refused and nothing of it is used again`() throws {
        let test = try TestStore()
        try test.install(firstRelease())
        let before = try test.store.state()
        // The first call fails and all later ones succeed, as those of a disk do that has lost bytes.
        let update = try tracedUpdate(in: test, ["-e", "trace=syncfs", "-e", "inject=syncfs:error=EIO:when=1"])
        #expect(update.ending == .exit(1))
        #expect(update.calls.contains { $0.contains("EIO") })
        #expect(try test.store.state() == before)
        #expect(try test.names(in: "staging") == [])
        let generation = try test.install(secondRelease())
        try test.expectIntact(generation, secondRelease())
    }

    /// Updates to the second sample, and answers the traced calls, one a line.
    private func tracedUpdate(in test: TestStore, _ options: [String]) throws -> (ending: ChildProcess.Ending, calls: [Substring]) {
        let trace = test.folder.path.appending("trace")
        let ending = try ChildProcess.run(
            "strace",
            ["-f", "-qq", "-o", trace.string] + options + [
                Products.path("instar-store").string, test.store.path.string, "update-syncing", "2",
            ])
        let text = String(decoding: try DurableFile.read(trace, limit: 1 << 24), as: UTF8.self)
        return (ending, text.split(separator: "\n"))
    }
}
