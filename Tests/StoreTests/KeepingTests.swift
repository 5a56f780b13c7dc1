import InstarDisk
import InstarManifest
import InstarStore
import StoreSamples
import SystemPackage
import TestSupport
import Testing

/// Locks, leases, collection, verify and repair on one store.
struct KeepingTests {
    @Test func `I10: there is one writer, and a busy store names its holder`() throws {
        let test = try TestStore()
        try test.writing { _ in
            switch try Store.open(at: test.store.path).lock() {
            case .acquired: Issue.record("two writers at once")
            case .busy(let holder): #expect(try holder == Machine.currentProcess(boot: "").id)
            }
        }
        try test.writing { _ in }
    }

    @Test func `I9: what a process runs is not collected, the rest goes`() throws {
        let test = try TestStore()
        let first = try test.install(firstRelease())
        try test.store.confirm()
        var lease: Lease? = try test.store.lease(first.number)
        for (index, release) in try [secondRelease(), SampleRelease("3.0", ["a": .file([1])]), SampleRelease("4.0", ["a": .file([2])])]
            .enumerated()
        {
            _ = index
            try test.install(release)
            try test.store.confirm()
        }
        let report = try test.writing { try test.store.collect(keeping: 2, holding: $0) }
        #expect(report.inUse == [first.number])
        #expect(report.removed.map(\.release.version) == ["2.0"])
        try test.expectIntact(first, firstRelease())
        #expect(try test.store.manifests.content(secondRelease().identity.digest) == nil)
        #expect(try test.store.manifests.content(firstRelease().identity.digest) == firstRelease().manifest)
        #expect(try test.store.pages.content(firstRelease().pageDigest) == firstRelease().page)
        #expect(lease?.generation == first.number)
        lease = nil
        let rest = try test.writing { try test.store.collect(keeping: 2, holding: $0) }
        #expect(rest.removed.map(\.number) == [first.number])
        #expect(try test.names(in: "generations") == ["3", "3.inventory", "4", "4.inventory"])
        #expect(try test.names(in: "staging") == ["spare"])
        #expect(try test.names(in: "leases") == ["3", "4"])
    }

    @Test func `I12: foreign and changed files of a collected generation are rescued`() throws {
        let test = try TestStore()
        let first = try test.install(firstRelease())
        try test.store.confirm()
        let tree = test.store.path(of: first.number)
        try overwrite(tree.appending("main.py"), at: 0, with: Array("modded".utf8))
        _ = try Directory.open(tree.appending("saves")).write([1, 2, 3], toNew: "slot1", permissions: 0o600)
        let cache = try Directory.open(tree).directory(creating: "__pycache__")
        _ = try cache.write([0], toNew: "main.cpython-311.pyc", permissions: 0o600)
        for version in ["2.0", "3.0"] {
            try test.install(SampleRelease(version, ["a": .file([1])]))
            try test.store.confirm()
        }
        let report = try test.writing { try test.store.collect(keeping: 2, holding: $0) }
        #expect(report.rescued.sorted() == ["main.py", "saves/slot1"])
        let rescued = test.store.path.appending("rescued/1")
        #expect(try DurableFile.read(rescued.appending("saves/slot1"), limit: 10) == [1, 2, 3])
        #expect(try DurableFile.read(rescued.appending("main.py"), limit: 1000).starts(with: Array("modded".utf8)))
    }

    @Test func `I6: what killed writers left is finished or undone by the next`() throws {
        let test = try TestStore()
        let first = try test.install(firstRelease())
        let generations = try Directory.open(test.store.path.appending("generations"))
        let staging = try Directory.open(test.store.path.appending("staging"))
        // A collection cut off after its first step, a deletion, a repair and a page that were begun.
        try test.store.confirm()
        try test.install(secondRelease())
        try test.store.rollback(to: first.number)
        let release = try SampleRelease("3.0", ["a": .file([1])])
        try staging.directory(creating: "9.1.trash").makeDirectory("x")
        try staging.makeDirectory("1.repair")
        _ = try staging.write([1], toNew: "abc.1.new", permissions: 0o644)
        try generations.makeDirectory("notes")
        try test.writing { _ in }
        #expect(try test.names(in: "staging") == [])
        #expect(try test.names(in: "generations") == ["1", "1.inventory", "2", "2.inventory", "notes"])
        try test.install(release)
    }

    @Test func `I6: an adoption that was cut off before the state goes back to staging and needs no download`() throws {
        for cut in ["inventory", "both"] {
            let test = try TestStore()
            try test.install(firstRelease())
            let release = try secondRelease()
            let generations = try Directory.open(test.store.path.appending("generations"))
            var work = SampleUpdate.Work()
            try test.writing { lock in _ = try SampleUpdate.stage(release, in: test.store, work: &work, holding: lock) }
            let making = try Directory.open(test.store.path.appending("staging/\(release.identity.digest)"))
            try making.rename("inventory", to: "2.inventory", in: generations)
            if cut == "both" { try making.rename("tree", to: "2", in: generations) }
            let generation = try SampleUpdate.install(release, in: test.store, work: &work)
            #expect(work.fetched == 0 && work.held > 0, "\(cut)")
            #expect(generation.number == 2)
            try test.expectIntact(generation, release)
        }
    }

    @Test func `verify finds every kind of damage`() throws {
        let test = try TestStore()
        let release = try firstRelease()
        let generation = try test.install(release)
        let path = test.store.path(of: generation.number)
        let tree = try Directory.open(path)
        try overwrite(path.appending("data/big.bin"), at: 44_999, with: [0])
        try tree.remove("main.py")
        try tree.directory("saves").makeDirectory("mine")
        try tree.setPermissions(0o600, of: "Readme")
        try tree.directory("data").remove("latest")
        try tree.directory("data").makeSymbolicLink("latest", to: "/etc/passwd")
        try tree.removeTree("tree")
        _ = try tree.write([1], toNew: "tree", permissions: 0o644)
        let expected = [
            ("Readme", Damage.Kind.permissions), ("data/big.bin", .damaged), ("data/latest", .damaged), ("main.py", .missing),
            ("saves/mine", .foreign), ("tree", .foreign), ("tree/leaf", .missing),
        ].map { Damage(path: $0.0, kind: $0.1) }
        let report = try test.store.verify(generation.number)
        #expect(report.damages == expected)
        #expect(try test.store.verify(generation.number, against: release.entries, width: 1).damages == expected)
        #expect(report.bytes >= 70_000 && report.paths == UInt64(release.entries.count))
        #expect(!report.isIntact)
    }

    @Test func `repair fetches only the damaged chunks and leaves open files alone`() throws {
        let test = try TestStore()
        let release = try firstRelease()
        let generation = try test.install(release)
        let path = test.store.path(of: generation.number)
        try overwrite(path.appending("data/big.bin"), at: 25_000, with: [0, 0, 0])
        try Directory.open(path).remove("main.py")
        try Directory.open(path).setPermissions(0o666, of: "Readme")
        let open = try Directory.open(path.appending("data")).file("big.bin")
        let before = try open.status().inode
        try test.writing { lock in
            let report = try test.store.verify(generation.number, against: release.entries)
            let wanted = report.needingContent
            let repair = try test.store.repair(
                generation.number, release.entries.filter { wanted.contains($0.path.description) }, holding: lock)
            #expect(repair.missing.map(\.fileOffset) == [20_000, 0])
            for chunk in repair.missing {
                let entry = repair.entries[Int(chunk.file)]
                let start = Int(chunk.fileOffset)
                let bytes = Array(release.bytes(of: entry.path.description)[start..<(start + Int(entry.chunks[chunk.chunk].size))])
                try bytes.withUnsafeBytes { try repair.write($0, chunk) }
            }
            try repair.commit(holding: lock)
            let wrong = Set(report.damages.filter { $0.kind == .permissions }.map(\.path))
            let others = try test.store.repairPermissions(
                generation.number, release.entries.filter { wrong.contains($0.path.description) }, holding: lock)
            #expect(others == [])
        }
        try test.expectIntact(generation, release)
        #expect(try open.status().inode == before)
        #expect(try status(of: path.appending("data/big.bin")).inode != before)
        #expect(try test.names(in: "staging") == [])
        // The repaired file is known again: the next release links it.
        let second = try test.install(secondRelease())
        try test.expectIntact(second, secondRelease())
    }

    @Test func `a page or manifest that was damaged on disk counts as absent and is replaced`() throws {
        let test = try TestStore()
        let release = try firstRelease()
        try test.store.pages.put(release.page, digest: release.pageDigest)
        try overwrite(test.store.path.appending("pages/\(release.pageDigest)"), at: 3, with: [0])
        #expect(try test.store.pages.content(release.pageDigest) == nil)
        try test.store.pages.put(release.page, digest: release.pageDigest)
        #expect(try test.store.pages.content(release.pageDigest) == release.page)
        #expect(try test.store.pages.page(release.identity.digest) == nil)
    }

    @Test(arguments: ["generations", "staging", "pages", "leases", "state", "lock", "state.lock"])
    func `a symbolic link in place of one of the store's own is refused`(_ name: String) throws {
        let folder = TemporaryFolder()
        let root = try Directory.open(folder.path)
        try root.makeDirectory("elsewhere")
        try root.directory(creating: "store").makeSymbolicLink(name, to: "../elsewhere")
        #expect(throws: StoreError.self) { _ = try Store.open(at: folder.path.appending("store")) }
    }

    @Test func `a store that everybody may write, or with a state of two names, is refused`() throws {
        let test = try TestStore()
        try test.install(firstRelease())
        let root = try Directory.open(test.store.path)
        let parent = try Directory.open(test.folder.path)
        try parent.setPermissions(0o777, of: "store")
        #expect(throws: StoreError.self) { _ = try Store.open(at: test.store.path) }
        try parent.setPermissions(0o755, of: "store")
        try root.setPermissions(0o777, of: "staging")
        #expect(throws: StoreError.self) { _ = try Store.open(at: test.store.path) }
        try root.setPermissions(0o755, of: "staging")
        try root.link("state", as: "second", in: parent)
        #expect(throws: StoreError.self) { _ = try Store.open(at: test.store.path) }
        try parent.remove("second")
        #expect(try Store.open(at: test.store.path).state().active == 1)
        try parent.makeSymbolicLink("link", to: "store")
        #expect(throws: StoreError.self) { _ = try Store.open(at: test.folder.path.appending("link")) }
    }
}
