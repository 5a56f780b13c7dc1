import InstarDisk
import InstarManifest
import InstarStore
import StoreSamples
import SystemPackage
import TestSupport
import Testing

/// Trees of every shape, staged from one release to the next.
struct TreeTests {
    @Test func `a case-only rename, files that become folders and folders that become files arrive as they are named`() throws {
        let test = try TestStore()
        let first = try test.install(firstRelease())
        let second = try test.install(secondRelease())
        let names = try Directory.open(test.store.path(of: second.number)).entries().map(\.name.string)
        #expect(names.contains("README") && !names.contains("Readme"))
        #expect(try status(of: test.store.path(of: first.number).appending("kind")).kind == .file)
        #expect(try status(of: test.store.path(of: second.number).appending("kind")).kind == .directory)
        #expect(try status(of: test.store.path(of: second.number).appending("tree")).kind == .file)
        try test.expectIntact(second, secondRelease())
        // And all the way back, as a new release.
        let contents = try firstRelease().contents
        let third = try SampleRelease("3.0", contents.merging(["more": .file([1])]) { $1 })
        try test.expectIntact(test.install(third), third)
    }

    @Test func `empty files and empty folders stay, come and go`() throws {
        let test = try TestStore()
        let releases = try [
            SampleRelease("1", ["empty": .file([]), "folder": .folder, "deep/er/folder": .folder]),
            SampleRelease("2", ["empty": .file([1]), "folder/file": .file([]), "deep/er/folder": .folder]),
            SampleRelease("3", ["empty": .file([]), "folder": .folder, "deep": .folder]),
        ]
        for release in releases { try test.expectIntact(test.install(release), release) }
    }

    @Test func `holes stay holes when a file is copied from the generation before`() throws {
        let test = try TestStore()
        let hole = [UInt8](repeating: 0, count: 4_000_000)
        try test.install(SampleRelease("1", ["image": .file(content(1, 10_000) + hole + content(2, 10_000))]))
        let release = try SampleRelease("2", ["image": .file(content(1, 10_000) + hole + content(3, 10_000))])
        var work = SampleUpdate.Work()
        let generation = try SampleUpdate.install(release, in: test.store, work: &work)
        try test.expectIntact(generation, release)
        #expect(work.fetched == 1 && work.copied == 401)
        let image = try status(of: test.store.path(of: generation.number).appending("image"))
        #expect(image.size == 4_020_000 && image.allocated < 200_000, "it takes \(image.allocated) bytes")
    }

    @Test func `names of 255 bytes and paths as deep as a release may have them are staged, verified and collected`() throws {
        let test = try TestStore()
        let long = String(repeating: "n", count: 255)
        let wide = String(repeating: "é", count: 127)
        let deep = Array(repeating: "d", count: 512).joined(separator: "/")
        let release = try SampleRelease("1", [long: .file([1]), "a/\(long)/\(wide)": .file([2]), deep: .file(content(1, 20_000))])
        let first = try test.install(release)
        try test.expectIntact(first, release)
        let next = try SampleRelease("2", ["a/\(long)/\(wide)": .file([2]), deep: .file(content(2, 20_000))])
        try test.expectIntact(test.install(next), next)
        try test.store.reject(release.identity, reason: "is to go")
        #expect(try test.writing { try test.store.collect(keeping: 1, holding: $0) }.removed.map(\.number) == [1])
        #expect(try test.names(in: "staging") == ["spare"])
    }

    @Test(arguments: [Errno.tooManyLinks, .improperLink, .notPermitted, .notSupported])
    func `where no hard link can be made, unchanged files are copied`(_ code: Errno) throws {
        let test = try TestStore()
        let first = try test.install(firstRelease())
        try test.store.confirm()
        let ending = try Driver.start(test.store.path, ["update", "2"], ["INSTAR_FAULT_LINKS": "\(code.rawValue)"]).wait()
        #expect(ending == .exit(0))
        let second = try #require(test.store.state().activeGeneration)
        try test.expectIntact(second, secondRelease())
        for path in ["data/same.bin", "bin/tool"] {
            let found = try [first, second].map { try status(of: test.store.path(of: $0.number).appending(path)) }
            #expect(found[0].inode != found[1].inode && found[0].permissions == found[1].permissions, "\(path)")
        }
    }

    @Test func `I2: no operation writes to a file of a sealed generation`() throws {
        let test = try TestStore()
        let first = try test.install(firstRelease())
        try test.store.confirm()
        let before = try contentStamps(test.store.path(of: first.number))
        try test.install(secondRelease())
        _ = try test.store.launch()
        _ = try test.store.verify(first.number)
        try test.store.rollback()
        try test.store.activate(2)
        try test.store.confirm()
        try test.install(SampleRelease.numbered(3))
        _ = try test.writing { try test.store.collect(keeping: 3, holding: $0) }
        #expect(try contentStamps(test.store.path(of: first.number)) == before)
    }

    @Test func `I2: a repair puts a new file in place of a damaged one and touches no other`() throws {
        let test = try TestStore()
        let release = try firstRelease()
        let generation = try test.install(release)
        let path = test.store.path(of: generation.number)
        try overwrite(path.appending("data/big.bin"), at: 100, with: [1])
        let before = try contentStamps(path)
        try SampleRepair.run(generation.number, of: release, in: test.store)
        try test.expectIntact(generation, release)
        let after = try contentStamps(path)
        #expect(Set(before.keys) == Set(after.keys))
        #expect(before.filter { after[$0.key] != $0.value }.map(\.key) == ["data/big.bin"])
    }

    @Test func `I8, I12: what a mod put into the active generation is found, stays, and is not in the next`() throws {
        let test = try TestStore()
        let first = try test.install(firstRelease())
        try test.store.confirm()
        let tree = try Directory.open(test.store.path(of: first.number))
        _ = try tree.directory(creating: "mods").write([1], toNew: "mod.pak", permissions: 0o644)
        _ = try tree.directory("data").write([2], toNew: "extra.bin", permissions: 0o644)
        let report = try test.store.verify(first.number)
        #expect(report.damages == [Damage(path: "data/extra.bin", kind: .foreign), Damage(path: "mods", kind: .foreign)])
        #expect(report.isIntact)
        let second = try test.install(secondRelease())
        try test.expectIntact(second, secondRelease())
        try SampleRepair.run(first.number, of: firstRelease(), in: test.store)
        #expect(try test.store.verify(first.number).damages == report.damages)
        #expect(try tree.directory("mods").status(of: "mod.pak")?.kind == .file)
    }

    @Test func `I12: what a player put where a repair needs the place is moved aside, not deleted`() throws {
        let test = try TestStore()
        let generation = try test.install(firstRelease())
        let tree = try Directory.open(test.store.path(of: generation.number))
        // A folder with something in it in place of a file, a file in place of a folder, and an empty folder.
        try tree.remove("main.py")
        _ = try tree.directory(creating: "main.py").write([1, 2], toNew: "mine", permissions: 0o600)
        try tree.removeTree("tree")
        _ = try tree.write([3, 4], toNew: "tree", permissions: 0o600)
        try tree.remove("Readme")
        try tree.makeDirectory("Readme")
        try SampleRepair.run(generation.number, of: firstRelease(), in: test.store)
        try test.expectIntact(generation, firstRelease())
        let rescued = try test.names(in: "rescued").map { test.store.path.appending("rescued").appending($0) }
        let found = rescued.map { folder in
            ["main.py/mine", "tree"].map { try? DurableFile.read(folder.pushing(FilePath($0)), limit: 9) }
        }
        #expect(rescued.count == 1)
        #expect(found.contains { $0[0] == [1, 2] } && found.contains { $0[1] == [3, 4] })
    }

    @Test func `I7: a repair of permissions does not touch a file that also lies outside the store`() throws {
        let test = try TestStore()
        let generation = try test.install(firstRelease())
        let outside = try test.folder.write("outside", firstRelease().bytes(of: "Readme"))
        let tree = try Directory.open(test.store.path(of: generation.number))
        try tree.remove("Readme")
        try Directory.open(test.folder.path).link("outside", as: "Readme", in: tree)
        let before = try status(of: outside)
        try SampleRepair.run(generation.number, of: firstRelease(), in: test.store)
        try test.expectIntact(generation, firstRelease())
        let after = try status(of: outside)
        #expect(after.permissions == before.permissions && after.links == 1)
    }

    @Test func `permissions alone are put right without another copy of the file`() throws {
        let test = try TestStore()
        let generation = try test.install(firstRelease())
        let readme = test.store.path(of: generation.number).appending("Readme")
        let inode = try status(of: readme).inode
        try Directory.open(test.store.path(of: generation.number)).setPermissions(0o666, of: "Readme")
        try SampleRepair.run(generation.number, of: firstRelease(), in: test.store)
        try test.expectIntact(generation, firstRelease())
        #expect(try status(of: readme).inode == inode)
    }

    @Test func `I12: files of a player go with a collection only where that is asked for`() throws {
        let test = try TestStore()
        let first = try test.install(firstRelease())
        try test.store.confirm()
        _ = try Directory.open(test.store.path(of: first.number)).write([1], toNew: "mod.pak", permissions: 0o644)
        for number in [3, 4] {
            try test.install(.numbered(number))
            try test.store.confirm()
        }
        let report = try test.writing { try test.store.collect(keeping: 2, discardingForeign: true, holding: $0) }
        #expect(report.removed.map(\.number) == [1] && report.rescued.isEmpty)
        #expect(try !test.names(in: ".").contains("rescued"))
    }

    @Test func `a staging that was killed just before its seal is gone on with and gets nothing again`() throws {
        let test = try TestStore()
        let release = try secondRelease()
        try test.install(firstRelease())
        var work = SampleUpdate.Work()
        try test.writing { lock in
            let pieces = release.entries.reduce(0) { $0 + $1.chunks.count }
            _ = try SampleUpdate.stage(release, in: test.store, stoppingAfter: pieces, work: &work, holding: lock)
        }
        #expect(work.fetched > 0)
        let generation = try SampleUpdate.install(release, in: test.store, work: &work)
        #expect(work.fetched == 0 && work.copied == 0 && work.held > 0)
        try test.expectIntact(generation, release)
    }

    /// Of every path: its inode, size, time of content and permissions. (A second name changes the time of status alone.)
    private func contentStamps(_ folder: FilePath, _ prefix: String = "") throws -> [String: String] {
        var stamps: [String: String] = [:]
        let directory = try Directory.open(folder)
        for entry in try directory.entries() {
            guard let status = try directory.status(of: entry.name) else { continue }
            if status.kind == .directory {
                stamps.merge(try contentStamps(folder.appending(entry.name), prefix + entry.name.string + "/")) { $1 }
            } else {
                stamps[prefix + entry.name.string] = "\(status.inode) \(status.size) \(status.modified) \(status.permissions)"
            }
        }
        return stamps
    }
}
