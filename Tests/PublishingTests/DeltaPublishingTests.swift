import InstarContent
import InstarCryptography
import InstarDisk
import InstarManifest
import InstarPublishing
import InstarTrust
import SystemPackage
import TestSupport
import Testing

struct DeltaPublishingTests {
    /// Two releases of a pak with insertions, a changed and renamed file, and many small changed files.
    private func twoReleases(in studio: Studio, settings: Publisher.Settings = .init()) throws -> [Publication] {
        let pak = noise(400_000, seed: 1)
        try studio.write("world.pak", pak)
        try studio.write("old-name", noise(40_000, seed: 2))
        for file in 0..<30 { try studio.write("small/\(file)", noise(2000, seed: UInt64(10 + file))) }
        let first = try studio.publish("1.0", settings: settings)
        try studio.write("world.pak", pak[..<100_000] + noise(77, seed: 3) + pak[100_000...])
        try Directory.open(studio.build).remove("old-name")
        try studio.write("moved/new-name", noise(40_000, seed: 2).dropLast(1000) + [1, 2, 3])
        for file in 0..<30 { try studio.write("small/\(file)", noise(2000, seed: UInt64(10 + file)).dropLast() + [0]) }
        return [first, try studio.publish("2.0", settings: settings)]
    }

    @Test func `every frame of a delta decodes, with the old release's chunks, to chunks of the new one`() throws {
        let studio = try Studio()
        let releases = try twoReleases(in: studio)
        let delta = try DeltaReader(studio, from: releases[0], to: releases[1])
        let brought = try delta.files()
        #expect(brought.contains("world.pak") && brought.contains("moved/new-name") && brought.contains("small/7"))
        #expect(releases[1].deltas.map(\.base) == ["1.0"])
        #expect(delta.bytes < 8000, "\(delta.bytes) bytes for what is \(releases[1].newSize) plain")
        #expect(try studio.rebuild(releases[1]).count == 32, "all of it is there without the delta, too")
    }

    @Test func `the pages of a delta are the new release's, without the digests of what it brings`() throws {
        let studio = try Studio()
        for file in 0..<3000 { try studio.write("d\(file % 7)/f\(file)", "content \(file)") }
        let first = try studio.publish("1.0")
        for file in 0..<300 { try studio.write("d\(file % 7)/f\(file)", "changed \(file)") }
        var settings = Publisher.Settings()
        settings.leastDeltaSaving = 1000
        let second = try studio.publish("2.0", settings: settings)
        let delta = try DeltaReader(studio, from: first, to: second)
        let old = Set(try delta.old.pageDigests(in: delta.reader.pages))
        let leaves = try delta.new.leaves(otherThan: old, reading: delta.reader.pages)
        let sparse = try delta.pages().compactMap { SparsePage($0) }
        #expect(sparse.count == leaves.count)
        #expect(sparse.reduce(0) { $0 + $1.missing } == 300)
        let brought = try delta.chunks()
        for (page, leaf) in zip(sparse, leaves) {
            var page = page
            let whole = try #require(delta.reader.pages[leaf.digest].flatMap { SparsePage($0) })
            var left = zip(page.digests, whole.digests).filter { $0.0 == .missing }.map(\.1)[...]
            #expect(brought.isSuperset(of: left))
            let isFilled = page.fill(from: &left)
            #expect(isFilled && Digest(of: page.bytes) == leaf.digest)
        }
    }

    @Test func `the same two builds give the same deltas in equal repositories`() throws {
        let one = try Studio(), two = try Studio()
        let first = try twoReleases(in: one), second = try twoReleases(in: two)
        #expect(first[1].digest == second[1].digest && !first[1].deltas.isEmpty)
        #expect(try one.files(in: "bundles") == two.files(in: "bundles"))
    }

    @Test func `a build that is published again has the deltas that it had, and none is made anew`() throws {
        let studio = try Studio()
        let releases = try twoReleases(in: studio)
        let again = try studio.publish("2.0.1")
        let before = try studio.manifest(releases[1]), after = try studio.manifest(again)
        #expect(!before.deltas.isEmpty && after.deltas == before.deltas)
        #expect(again.bytesWritten == 0 && again.deltas.isEmpty)
        #expect(try DeltaReader(studio, from: releases[0], to: again).files().contains("world.pak"))
    }

    @Test func `no delta is made where it saves too little, and none where none is wanted`() throws {
        var settings = Publisher.Settings()
        settings.deltas = 0
        #expect(try twoReleases(in: try Studio(), settings: settings)[1].deltas.isEmpty)
        settings = Publisher.Settings()
        settings.leastDeltaSaving = 1 << 30
        let studio = try Studio()
        let releases = try twoReleases(in: studio, settings: settings)
        #expect(releases[1].deltas.isEmpty)
        #expect(try studio.manifest(releases[1]).deltas.isEmpty)
    }

    @Test func `content that is new and like nothing before is no part of a delta`() throws {
        let studio = try Studio()
        try studio.write("a", noise(200_000, seed: 1))
        try studio.publish("1.0")
        try studio.write("a", noise(200_000, seed: 2))
        #expect(try studio.publish("2.0").deltas.isEmpty)
    }

    /// A tar archive of members of 61,440 bytes whose middle holds `change`.
    private func tar(_ names: [String], change: UInt8, to target: FilePath) throws {
        let folder = TemporaryFolder()
        for (index, name) in names.enumerated() {
            var content = noise(61_440, seed: UInt64(index))
            content[30_000] = change
            try folder.write(name, content)
        }
        let arguments = ["--format=ustar", "--mtime=@0", "-C", folder.path.string, "-cf", target.string] + names
        try #expect(ChildProcess.run("tar", arguments) == .exit(0))
    }

    @Test func `members of one kind stand together in frames, wherever in an archive they lie`() throws {
        let studio = try Studio()
        let names = ["a/text.en", "a/view.png", "b/text.en", "b/view.png", "c/text.en", "c/view.png"]
        try studio.write("other", "so that there is a folder")
        try tar(names, change: 1, to: studio.build.appending("game.pak"))
        let first = try studio.publish("1.0")
        try tar(names, change: 2, to: studio.build.appending("game.pak"))
        let delta = try DeltaReader(studio, from: first, to: try studio.publish("2.0"))
        let members = try delta.places().map { names[Int($0 / 61_952)] }
        #expect(members == ["a/text.en", "b/text.en", "c/text.en", "a/view.png", "b/view.png", "c/view.png"])
    }

    @Test func `new content is compared with the old content around what it replaces, too`() throws {
        let studio = try Studio()
        let content = noise(1 << 20, seed: 1)
        try studio.write("a", content)
        let first = try studio.publish("1.0")
        // What is written over the middle stood next to it: only there it can be found.
        try studio.write("a", Array([content[..<500_000], content[510_000..<520_000], content[510_000...]].joined()))
        let delta = try DeltaReader(studio, from: first, to: try studio.publish("2.0"))
        #expect(try delta.files() == ["a"])
        #expect(try delta.prefixBytes() > 40_000, "what is gone alone has some 16,000 bytes")
        #expect(delta.bytes < 1000, "\(delta.bytes) bytes")
    }

    @Test func `pruning keeps the bundles of deltas as long as their release`() throws {
        let studio = try Studio()
        let releases = try twoReleases(in: studio)
        var trust = try RepositoryTrust(opening: studio.repository, keys: studio.keys)
        _ = try Pruner(keep: 2).prune(&trust, now: Studio.now)
        #expect(try !DeltaReader(studio, from: releases[0], to: releases[1]).files().isEmpty)
    }
}
