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
        let calls = try traced(
            ["update-syncing", "2", "4096"], in: TestStore(), ["-e", "trace=syncfs,pwrite64", "-e", "inject=pwrite64:delay_enter=20000"]
        ).calls
        let first = try #require(calls.firstIndex { $0.contains("syncfs(") })
        #expect(calls[first...].contains { $0.contains("pwrite64(") })
        #expect(calls.count { $0.contains("syncfs(") } > 1)
    }

    @Test func `where the disk fails at that, the staging is refused and nothing of it is used again`() throws {
        let test = try TestStore()
        try test.install(firstRelease())
        let before = try test.store.state()
        // The first call fails and all later ones succeed, as those of a disk do that has lost bytes.
        let update = try traced(["update-syncing", "2", "4096"], in: test, ["-e", "trace=syncfs", "-e", "inject=syncfs:error=EIO:when=1"])
        #expect(update.ending == .exit(1))
        #expect(update.calls.contains { $0.contains("EIO") })
        #expect(try test.store.state() == before)
        #expect(try test.names(in: "staging") == [])
        let generation = try test.install(secondRelease())
        try test.expectIntact(generation, secondRelease())
    }

    @Test func `a repair for which the disk fails at that puts nothing in place`() throws {
        let test = try TestStore()
        let release = try secondRelease()
        let generation = try test.install(release)
        let file = test.store.path(of: generation.number).appending("data/big.bin")
        try overwrite(file, at: 0, with: [1, 2, 3])
        let damaged = try status(of: file)
        // Only the last write reaches the step, so that none after it can notice; `fchmod`, which follows, gives the disk its time.
        let repair = try traced(
            ["repair-syncing", "2", "36000"], in: test,
            ["-e", "trace=syncfs,pwrite64,fchmod", "-e", "inject=syncfs:error=EIO:when=1", "-e", "inject=fchmod:delay_enter=200000"])
        #expect(repair.ending == .exit(1))
        let failed = try #require(repair.calls.first { $0.contains("EIO") })
        let writers = Set(repair.calls.filter { $0.contains("pwrite64(") }.map(\.thread))
        #expect(!writers.contains(failed.thread), "the call that failed is the early one")
        #expect(try status(of: file).inode == damaged.inode)
    }

    /// Does one operation, and answers the traced calls, one a line.
    private func traced(
        _ operation: [String], in test: TestStore, _ options: [String]
    ) throws -> (ending: ChildProcess.Ending, calls: [Substring]) {
        let trace = test.folder.path.appending("trace")
        let ending = try ChildProcess.run(
            "strace",
            ["-f", "-qq", "-o", trace.string] + options + [
                Products.path("instar-store").string, test.store.path.string,
            ] + operation)
        let text = String(decoding: try DurableFile.read(trace, limit: 1 << 24), as: UTF8.self)
        return (ending, text.split(separator: "\n"))
    }
}

extension Substring {
    /// The thread that made a traced call.
    fileprivate var thread: Substring { prefix { $0 != " " } }
}
