import InstarDisk
import InstarManifest
import InstarPlan
import InstarStore
import StoreSamples
import SystemPackage
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What somebody else on the machine can plant in a store: refused, or without effect outside it.
struct HostilityTests {
    private static let isAdministrator = geteuid() == 0
    private static let folders = ["generations", "staging", "manifests", "pages", "leases", "rescued"]
    private static let files = ["state", "lock", "state.lock"]

    @Test(.enabled(if: isAdministrator, "giving a file to another user needs an administrator"), arguments: [""] + folders + files)
    func `I7: a store in which another user owns anything of Instar's is refused`(_ name: String) throws {
        let test = try filled()
        #expect(chown(test.store.path.appending(name).string, 65534, 65534) == 0)
        let error = #expect(throws: StoreError.self) { _ = try Store.open(at: test.store.path) }
        #expect(error?.description.contains("belongs to another user (65534)") == true)
    }

    @Test(arguments: [""] + folders + files)
    func `I7: a store in which everybody may write anything of Instar's is refused`(_ name: String) throws {
        let test = try filled()
        #expect(chmod(test.store.path.appending(name).string, 0o777) == 0)
        let error = #expect(throws: StoreError.self) { _ = try Store.open(at: test.store.path) }
        #expect(error?.description.contains("can be written by every user") == true)
    }

    @Test(arguments: folders + files)
    func `I7: a symbolic link in place of anything of Instar's is refused, and what it leads to is not touched`(_ name: String) throws {
        let test = try filled()
        let root = try Directory.open(test.store.path)
        let victim = test.folder.path.appending("victim")
        if try root.status(of: name)?.kind == .directory {
            try Directory.open(test.folder.path).makeDirectory("victim")
            try test.folder.write("victim/file", [1, 2, 3])
        } else {
            try test.folder.write("victim", [1, 2, 3])
        }
        let before = try fileStamps(test.folder.path).filter { $0.contains("victim") }
        try root.removeTree(name)
        try root.makeSymbolicLink(name, to: victim.string)
        #expect(throws: StoreError.self) { _ = try Store.open(at: test.store.path) }
        // A store that was open before is no way around it.
        _ = try? test.store.launch()
        _ = try? test.writing { try test.store.collect(keeping: 1, holding: $0) }
        _ = try? test.install(SampleRelease("3.0", ["a": .file([1])]))
        #expect(try fileStamps(test.folder.path).filter { $0.contains("victim") } == before)
    }

    @Test(arguments: ["lock", "state.lock", "state", "leases/2", "manifests/x", "staging/y.1.new", "state.new"])
    func `I7: a hard link to a file outside does not let anything write to it`(_ name: String) throws {
        let test = try filled()
        let outside = try test.folder.write("outside", Array("precious".utf8))
        let target = FilePath(name.replacing("manifests/x", with: "manifests/\(try secondRelease().identity.digest)"))
        let folder = try Directory.open(test.store.path.appending(target.removingLastComponent().string))
        let last = try #require(target.lastComponent)
        try folder.remove(last)
        try Directory.open(test.folder.path).link("outside", as: last, in: folder)
        if let store = try? Store.open(at: test.store.path) {
            _ = try? store.launch()
            _ = try? SampleUpdate.install(SampleRelease("3.0", ["a": .file([1])]), in: store)
            _ = try? SampleUpdate.install(secondRelease(), in: store)
        }
        #expect(try DurableFile.read(outside, limit: 100) == Array("precious".utf8))
    }

    @Test func `I7: a hard link planted in a staging that is gone on with is replaced, not written through`() throws {
        let test = try TestStore()
        let release = try firstRelease()
        var work = SampleUpdate.Work()
        try test.writing { _ = try SampleUpdate.stage(release, in: test.store, stoppingAfter: 0, work: &work, holding: $0) }
        let outside = try test.folder.write("outside", content(99, 45_000))
        let tree = try Directory.open(test.store.path.appending("staging/\(release.identity.digest)/tree"))
        let data = try tree.directory(creating: "data")
        _ = try data.remove("big.bin")
        try Directory.open(test.folder.path).link("outside", as: "big.bin", in: data)
        try test.expectIntact(test.install(release), release)
        #expect(try DurableFile.read(outside, limit: 1 << 20) == content(99, 45_000))
    }

    @Test func `I7: a generation's tree that was replaced by a symbolic link is not started, nor linked from`() throws {
        let test = try filled()
        let generations = try Directory.open(test.store.path.appending("generations"))
        try Directory.open(test.folder.path).makeDirectory("evil")
        try test.folder.write("evil/main.py", Array("evil".utf8))
        try generations.rename("2", to: "aside", in: generations)
        try generations.makeSymbolicLink("2", to: test.folder.path.appending("evil").string)
        let decision = try test.store.launch()
        #expect(decision.generation?.number == 1)
        let third = try SampleRelease("3.0", ["main.py": .file(content(11, 600))])
        try test.expectIntact(test.install(third), third)
    }

    @Test func `a release that claims more than any game has is refused before anything is written`() throws {
        let test = try TestStore()
        let entry = try #require(firstRelease()["main.py"])
        func planned(_ size: UInt64) -> PlannedFile {
            PlannedFile(path: entry.path, kind: entry.kind, size: size, digest: entry.digest, isSingleChunk: false)
        }
        let claims: [([PlannedFile], UInt64)] = [
            ([planned(.max)], 0), (Array(repeating: planned(1 << 50), count: 20_000), 0), ([], .max), ([], 4_000_001),
            (Array(repeating: planned(StoreLimits.bytes), count: 3), 0),
        ]
        for (files, linked) in claims {
            let error = #expect(throws: StoreError.self) { try test.store.needs(files: files, linking: linked).check() }
            guard case .tooLarge = error else { continue }
            #expect(error?.description.contains("refused") == true)
        }
        #expect(throws: StoreError.self) { try test.store.pages.put([UInt8](repeating: 0, count: 65 << 20), digest: entry.digest) }
        #expect(try !test.names(in: ".").contains("staging"))
    }

    @Test func `a state that somebody let grow is refused without being read`() throws {
        let test = try filled()
        #expect(truncate(test.store.path.appending("state").string, 1 << 40) == 0)
        #expect(throws: StoreError.self) { _ = try test.store.state() }
        #expect(throws: StoreError.self) { _ = try test.store.launch() }
    }

    /// Two releases, the second on trial, and every folder that a store can have.
    private func filled() throws -> TestStore {
        let test = try TestStore()
        try test.install(firstRelease())
        try test.store.confirm()
        try test.install(secondRelease())
        try? Directory.open(test.store.path).makeDirectory("rescued")
        return test
    }
}
