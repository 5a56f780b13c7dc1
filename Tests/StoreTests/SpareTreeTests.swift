import InstarDisk
import InstarManifest
import InstarStore
import InstarThreads
import StoreSamples
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// The tree of a collected generation, in which the next staging begins.
struct SpareTreeTests {
    private func release(_ version: Int, _ more: [String: SampleRelease.Content] = [:]) throws -> SampleRelease {
        var contents: [String: SampleRelease.Content] = ["changing": .file(content(version, 3000))]
        contents["sub/deep/same"] = .file(content(1, 20_000))
        for index in 0..<20 { contents["sub/\(index)"] = .file(content(index, 100)) }
        return try SampleRelease("\(version).0", sequence: UInt64(version), contents.merging(more) { $1 })
    }

    /// A store that has releases 2 and 3, and the tree of 1 to spare.
    private func collected(_ first: [String: SampleRelease.Content] = [:]) throws -> TestStore {
        let test = try TestStore()
        for version in 1...3 {
            try test.install(release(version, version == 1 ? first : [:]))
            try test.store.confirm()
        }
        let report = try test.writing { try test.store.collect(keeping: 2, holding: $0) }
        #expect(report.removed.map(\.number) == [1])
        return test
    }

    private func spare(_ test: TestStore) -> FilePath { test.store.path.appending("staging/spare") }

    @Test func `a collected tree keeps only what other generations have`() throws {
        let test = try collected(["old/only": .file(content(9, 5000)), "old/link": .link("only")])
        #expect(try Directory.open(spare(test)).status(of: "changing") == nil)
        #expect(try Directory.open(spare(test).appending("old")).status(of: "only") == nil)
        for index in 0..<20 { #expect(try status(of: spare(test).appending("sub/\(index)")).links == 3) }
    }

    @Test func `the next release begins in it and shares its files with the generation before`() throws {
        let test = try collected(["old/only": .file(content(9, 5000))])
        let folder = try status(of: spare(test).appending("sub")).inode
        let next = try release(4)
        let generation = try test.install(next)
        try test.expectIntact(generation, next)
        #expect(try test.names(in: "staging") == [])
        // The very folder of the collected generation, with the very files of the one before.
        #expect(try status(of: test.store.path(of: 4).appending("sub")).inode == folder)
        let inodes = try [3, 4].map { try status(of: test.store.path(of: $0).appending("sub/deep/same")).inode }
        #expect(inodes[0] == inodes[1])
        try test.expectIntact(#require(try test.store.state().generation(3)), release(3))
    }

    @Test func `I8: nothing that was changed or put into it gets into a release`() throws {
        let test = try collected()
        let tree = try Directory.open(spare(test))
        // Its files are those of the running generation: one is changed in place, one replaced, one made writable.
        try overwrite(spare(test).appending("sub/3"), at: 5, with: [1, 2, 3])
        let sub = try tree.directory("sub")
        try sub.remove("4")
        _ = try sub.write(content(4, 100), toNew: "4", permissions: 0o444)
        try sub.setPermissions(0o666, of: "5")
        try sub.remove("6")
        try sub.makeSymbolicLink("6", to: "7")
        _ = try sub.write([1], toNew: "planted", permissions: 0o755)
        try tree.directory(creating: "planted").makeDirectory("deep")
        try sub.removeTree("deep")
        try tree.makeSymbolicLink("link", to: test.folder.path.string)
        let next = try release(4)
        let generation = try test.install(next)
        try test.expectIntact(generation, next)
        let inodes = try [3, 4].map { try status(of: test.store.path(of: $0).appending("sub/3")).inode }
        #expect(inodes[0] != inodes[1])
    }

    @Test func `files, folders and links that took each other's place are what the release says`() throws {
        let files = (0..<5).map { SampleRelease.Content.file(content($0, 10)) }
        let test = try collected(["a/b": files[1], "c": files[2], "empty/x": files[3], "l": .link("c")])
        let next = try release(4, ["a": files[1], "c/d": files[2], "empty": .folder, "l/m": files[4], "n": .link("a")])
        let generation = try test.install(next)
        try test.expectIntact(generation, next)
    }

    @Test func `staging that was cut off after it took the tree goes on in it`() throws {
        let test = try collected()
        let next = try release(4)
        var work = SampleUpdate.Work()
        try test.writing { lock in _ = try SampleUpdate.stage(next, in: test.store, stoppingAfter: 0, work: &work, holding: lock) }
        #expect(try test.names(in: "staging") == ["\(next.identity.digest)"])
        try test.expectIntact(try test.install(next), next)
    }

    @Test func `a collection replaces the spare tree, and discarding removes it`() throws {
        let test = try collected()
        for version in [4, 5] {
            try test.install(release(version))
            try test.store.confirm()
        }
        let report = try test.writing { try test.store.collect(keeping: 2, holding: $0) }
        #expect(report.removed.map(\.number) == [2, 3])
        #expect(try test.names(in: "staging") == ["spare"])
        #expect(try test.names(in: "generations") == ["4", "4.inventory", "5", "5.inventory"])
        try test.writing { try test.store.discardUnfinished(holding: $0) }
        #expect(try test.names(in: "staging") == [])
        try test.expectIntact(try test.install(release(6)), release(6))
    }

    /// A store that has release 1 and nothing to spare.
    private func fresh() throws -> TestStore {
        let test = try TestStore()
        try test.install(release(1))
        try test.store.confirm()
        return test
    }

    @Test func `the first update begins in a tree that was prepared while nobody waited`() throws {
        let test = try fresh()
        #expect(try test.store.prepare() == .prepared(files: 22))
        #expect(try test.names(in: "staging") == ["spare"])
        let folder = try status(of: spare(test).appending("sub"))
        for index in 0..<20 { #expect(try status(of: spare(test).appending("sub/\(index)")).links == 2) }
        let next = try release(2)
        let generation = try test.install(next)
        try test.expectIntact(generation, next)
        #expect(try test.names(in: "staging") == [])
        #expect(try status(of: test.store.path(of: 2).appending("sub")).inode == folder.inode)
        try test.expectIntact(#require(try test.store.state().generation(1)), release(1))
    }

    @Test func `a tree that is prepared already, or is of another generation, gets what it lacks`() throws {
        let test = try collected()
        #expect(try test.store.prepare() == .prepared(files: 22))
        #expect(try test.store.prepare() == .prepared(files: 22))
        let active = test.store.path(of: 3)
        #expect(try status(of: spare(test).appending("changing")).inode == status(of: active.appending("changing")).inode)
        try test.expectIntact(try test.install(release(4)), release(4))
    }

    @Test func `I8: what was changed in the active generation is not prepared`() throws {
        let test = try fresh()
        try overwrite(test.store.path(of: 1).appending("sub/3"), at: 5, with: [1, 2, 3])
        #expect(try test.store.prepare() == .prepared(files: 21))
        #expect(try Directory.open(spare(test).appending("sub")).status(of: "3") == nil)
        try test.expectIntact(try test.install(release(2)), release(2))
    }

    @Test func `nothing is prepared beside a writer, for nobody, or for a store without a generation`() throws {
        let test = try fresh()
        let outcome = try test.writing { _ in try test.store.prepare() }
        #expect(outcome == .interrupted)
        #expect(try test.store.prepare { true } == .interrupted)
        let empty = try TestStore()
        #expect(try empty.store.prepare() == .useless)
    }

    @Test func `preparing stops where the store goes on without it`() throws {
        let test = try fresh()
        let asked = Mutex(0)
        let outcome = try test.store.prepare {
            // Asked before every step: an update comes between.
            if asked.withLock({
                $0 += 1; return $0
            }) == 1 {
                _ = try? test.install(release(2))
            }
            return false
        }
        #expect(outcome == .interrupted)
        #expect(try test.names(in: "staging") == [])
        try test.expectIntact(#require(try test.store.state().activeGeneration), release(2))
    }

    @Test func `a writer never finds the store busy because somebody prepares`() throws {
        let test = try fresh()
        let isOver = Mutex(false)
        let thread = OSThread(name: "prepare") {
            while !isOver.withLock({ $0 }) { _ = try? test.store.prepare() }
        }
        for _ in 0..<30 { try test.writing { _ in } }
        isOver.withLock { $0 = true }
        thread.join()
    }
}
