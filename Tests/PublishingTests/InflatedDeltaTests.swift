import InstarContent
import InstarManifest
import InstarPublishing
import SystemPackage
import TestSupport
import Testing

struct InflatedDeltaTests {
    /// The members of a pak, of which version 2 changes every third a little.
    private func members(_ version: Int, count: Int = 36, size: Int = 40_000) -> [(name: String, content: [UInt8])] {
        (0..<count).map { index in
            ("data/level\(index).txt", script(size + index * 9, seed: UInt64(index), version: index % 3 == 0 ? version : 1))
        }
    }

    private func pack(_ members: [(name: String, content: [UInt8])], _ maker: ZipMaker, in studio: Studio, as name: String = "world.pak")
        throws
    {
        try maker.write(members, to: studio.build.appending(name))
    }

    /// Publishes two builds and answers both releases, with the bytes that changed in the archive.
    private func publish(
        _ studio: Studio, _ first: [(name: String, content: [UInt8])], _ maker: ZipMaker, _ second: [(name: String, content: [UInt8])],
        _ next: ZipMaker? = nil
    ) throws -> [Publication] {
        try pack(first, maker, in: studio)
        let one = try studio.publish("1.0", settings: settings)
        try pack(second, next ?? maker, in: studio)
        return [one, try studio.publish("2.0", settings: settings)]
    }

    /// Fast, and no worse for what is looked at here.
    private var settings: Publisher.Settings {
        var settings = Publisher.Settings()
        settings.level = 9
        return settings
    }

    @Test(arguments: [ZipMaker.python(level: 1), .python(level: 6), .python(level: 9)])
    func `members that changed are brought in their inflated form, in a tenth of their bytes`(maker: ZipMaker) throws {
        let studio = try Studio()
        let releases = try publish(studio, members(1), maker, members(2))
        let delta = try DeltaReader(studio, from: releases[0], to: releases[1])
        #expect(try delta.files() == ["world.pak"])
        #expect(delta.inflatedMembers.new == 12 && delta.inflatedMembers.old == 12)
        #expect(UInt64(delta.bytes) < releases[1].newSize / 10, "\(delta.bytes) of \(releases[1].newSize) bytes")
        #expect(try studio.rebuild(releases[1]).count == 1, "all of it is there without the delta, too")
    }

    @Test(arguments: [1, 6, 9])
    func `small members of another deflater come out alike, too`(level: Int) throws {
        let studio = try Studio()
        let releases = try publish(
            studio, members(1, count: 150, size: 8000), .infoZip(level: level), members(2, count: 150, size: 8000))
        let delta = try DeltaReader(studio, from: releases[0], to: releases[1])
        #expect(try delta.files() == ["world.pak"])
        #expect(delta.inflatedMembers.new == 50 && delta.inflatedMembers.old == 50)
        #expect(UInt64(delta.bytes) < releases[1].newSize / 5, "\(delta.bytes) of \(releases[1].newSize) bytes")
    }

    @Test func `large members of another deflater are left alone`() throws {
        let studio = try Studio()
        let releases = try publish(studio, members(1), .infoZip(level: 6), members(2))
        #expect(try studio.manifest(releases[1]).deltas.isEmpty)
    }

    @Test func `members that were only deflated again cost next to nothing`() throws {
        let studio = try Studio()
        let releases = try publish(studio, members(1), .python(level: 9), members(1), .python(level: 1))
        let delta = try DeltaReader(studio, from: releases[0], to: releases[1])
        #expect(try delta.files() == ["world.pak"])
        #expect(delta.inflatedMembers.new == 36)
        #expect(delta.bytes < 3000, "\(delta.bytes) of \(releases[1].newSize) bytes")
    }

    @Test(arguments: [ZipMaker.fixedCodes, .storedBlocks])
    func `members that zlib does not deflate to the same bytes are left alone`(maker: ZipMaker) throws {
        let studio = try Studio()
        let releases = try publish(studio, members(1, size: 60_000), .python(level: 6), members(2, size: 60_000), maker)
        // Whatever delta there may be, none of it is inflated.
        let manifest = try studio.manifest(releases[1])
        for _ in manifest.deltas {
            #expect(try DeltaReader(studio, from: releases[0], to: releases[1]).inflatedMembers.new == 0)
        }
        #expect(try studio.rebuild(releases[1]).count == 1)
    }

    @Test func `members that are not deflated any more are compared with what they were inflated`() throws {
        let studio = try Studio()
        let releases = try publish(studio, members(1), .python(level: 6), members(2), .stored)
        let delta = try DeltaReader(studio, from: releases[0], to: releases[1])
        #expect(try delta.files() == ["world.pak"])
        #expect(delta.inflatedMembers.new == 0 && delta.inflatedMembers.old == 36)
        #expect(UInt64(delta.bytes) < releases[1].newSize / 20)
    }

    @Test func `members that are deflated now are compared with what they were`() throws {
        let studio = try Studio()
        let releases = try publish(studio, members(1), .stored, members(2), .python(level: 6))
        let delta = try DeltaReader(studio, from: releases[0], to: releases[1])
        #expect(try delta.files() == ["world.pak"])
        #expect(delta.inflatedMembers.new == 36 && delta.inflatedMembers.old == 0)
        #expect(UInt64(delta.bytes) < releases[1].newSize / 10)
    }

    @Test func `a member that was renamed and changed finds what it was`() throws {
        let studio = try Studio()
        let renamed = members(2).map { (name: "moved/" + $0.name, content: $0.content) }
        let releases = try publish(studio, members(1), .python(level: 6), renamed)
        let delta = try DeltaReader(studio, from: releases[0], to: releases[1])
        #expect(try delta.files() == ["world.pak"])
        #expect(delta.inflatedMembers.new == 12 && delta.inflatedMembers.old == 12)
        #expect(UInt64(delta.bytes) < releases[1].newSize / 10)
    }

    @Test func `an archive that moved is compared with the one that is gone`() throws {
        let studio = try Studio()
        try pack(members(1), .python(level: 6), in: studio, as: "old.pak")
        let first = try studio.publish("1.0", settings: settings)
        try studio.remove("old.pak")
        try pack(members(2), .python(level: 6), in: studio, as: "data/new.pak")
        let second = try studio.publish("2.0", settings: settings)
        let delta = try DeltaReader(studio, from: first, to: second)
        #expect(delta.inflatedMembers.new == 12 && delta.inflatedMembers.old == 12)
        #expect(try delta.files() == ["data/new.pak"])
    }

    @Test func `a new member is inflated too, for zstd packs it better`() throws {
        let studio = try Studio()
        // Repeats further back than deflate can see.
        let text = script(300_000, seed: 77)
        let more = members(1) + [("new.txt", text + text + text)]
        let releases = try publish(studio, members(1), .python(level: 6), more)
        let delta = try DeltaReader(studio, from: releases[0], to: releases[1])
        #expect(try delta.files() == ["world.pak"])
        #expect(delta.inflatedMembers.new == 1 && delta.inflatedMembers.old == 0)
        #expect(UInt64(delta.bytes) < releases[1].newSize * 9 / 10)
    }

    @Test func `large members stay as they are`() throws {
        let studio = try Studio()
        let large = script(7 << 20, seed: 5), changed = script(7 << 20, seed: 5, version: 2)
        let releases = try publish(studio, [("big", large + [1])], .python(level: 1), [("big", changed + [1])])
        #expect(try studio.manifest(releases[1]).deltas.isEmpty)
    }

    @Test func `the same two builds give the same inflated deltas in equal repositories`() throws {
        let one = try Studio(), two = try Studio()
        let first = try publish(one, members(1), .python(level: 6), members(2))
        let second = try publish(two, members(1), .python(level: 6), members(2))
        #expect(first[1].digest == second[1].digest)
        #expect(try DeltaReader(one, from: first[0], to: first[1]).inflatedMembers.new == 12)
        #expect(try one.files(in: "bundles") == two.files(in: "bundles"))
    }

    @Test func `an archive whose members changed in two places of the build is brought once`() throws {
        let studio = try Studio()
        for name in ["a.pak", "b.pak"] { try pack(members(1), .python(level: 6), in: studio, as: name) }
        let first = try studio.publish("1.0", settings: settings)
        for name in ["a.pak", "b.pak"] { try pack(members(2), .python(level: 6), in: studio, as: name) }
        let delta = try DeltaReader(studio, from: first, to: try studio.publish("2.0", settings: settings))
        #expect(delta.inflatedMembers.new == 12)
        #expect(try delta.files() == ["a.pak"])
    }
}
