import Foundation
import InstarCryptography
import InstarDisk
import InstarManifest
import InstarPublishing
import SystemPackage
import TestSupport
import Testing

/// What a publisher remembers of files, in REPO.cuts.
struct CutCacheTests {
    /// A build whose files are old enough to be remembered.
    private func settledStudio() throws -> Studio {
        let studio = try Studio()
        for index in 0..<20 { try studio.write("d/f\(index)", noise(20_000 + index, seed: UInt64(index))) }
        try studio.write("d/one", "one chunk")
        try waitForTheClock(of: studio)
        return studio
    }

    /// Time stamps move in steps; what was written in the last one is read again.
    private func waitForTheClock(of studio: Studio) throws {
        let written = FileClock.now
        while !FileClock.isSettled(written | 1, at: FileClock.now) { usleep(2000) }
    }

    private func cache(_ studio: Studio) -> FilePath { studio.folder.path.appending("repository.cuts") }

    @Test func `an unchanged build is not read again, and gives the same release as when it is`() throws {
        let studio = try settledStudio()
        let first = try studio.publish("1.0")
        #expect(first.bytesRead == first.size)
        let second = try studio.publish("1.1")
        #expect(second.bytesRead == 0 && second.newChunks == 0)
        let third = try studio.publish("1.1", cache: .none)
        #expect(third.bytesRead == third.size)
        #expect(try studio.manifest(second).root == studio.manifest(third).root)
    }

    @Test func `only what changed is read, whatever its time stamp says`() throws {
        let studio = try settledStudio()
        try studio.publish("1.0")
        let changed = studio.build.appending("d/f3")
        let before = try FileManager.default.attributesOfItem(atPath: changed.string)
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: changed.string))
        try handle.write(contentsOf: Data([1, 2, 3]))
        try handle.close()
        try FileManager.default.setAttributes([.modificationDate: before[.modificationDate] as Any], ofItemAtPath: changed.string)
        let second = try studio.publish("1.1")
        #expect(second.bytesRead == 20_003)
        #expect(second.newChunks > 0)
        #expect(try studio.rebuild(second)["d/f3"]?.prefix(3) == [1, 2, 3])
    }

    @Test func `rehashing reads all of it and remembers it again`() throws {
        let studio = try settledStudio()
        try studio.publish("1.0")
        let second = try studio.publish("1.1", cache: .renewed)
        #expect(second.bytesRead == second.size)
        #expect(try studio.publish("1.2").bytesRead == 0)
    }

    @Test func `without a cache nothing is written beside the repository`() throws {
        let studio = try settledStudio()
        try studio.publish("1.0", cache: .none)
        #expect(!FileManager.default.fileExists(atPath: cache(studio).string))
    }

    @Test func `a damaged cache is as good as none`() throws {
        let studio = try settledStudio()
        try studio.publish("1.0")
        var bytes = try Array(Data(contentsOf: URL(fileURLWithPath: cache(studio).string)))
        bytes[bytes.count / 2] ^= 0xFF
        try Data(bytes).write(to: URL(fileURLWithPath: cache(studio).string))
        let second = try studio.publish("1.1")
        #expect(second.bytesRead == second.size && second.newChunks == 0)
    }

    @Test func `content that the repository lacks is read and hashed though its file is remembered`() throws {
        let studio = try settledStudio()
        try studio.publish("1.0")
        let empty = try Studio()
        let file = cache(empty).string
        try FileManager.default.copyItem(atPath: cache(studio).string, toPath: file)
        let first = try empty.publish("1.0", of: studio.build)
        #expect(first.bytesRead == 0 && first.newSize == first.size)
        #expect(try empty.rebuild(first) == studio.rebuild(studio.publish("2.0")))
    }

    @Test func `a cache that is wrong about a file publishes nothing and is forgotten`() throws {
        let studio = try settledStudio()
        let empty = try Studio()
        let first = try studio.publish("1.0")
        var wrong = Array(try Data(contentsOf: URL(fileURLWithPath: cache(studio).string)).dropLast(Digest.byteCount))
        // Other content with the stamp of a remembered file, as only a broken clock or disk could make it.
        let truth = Digest(of: Array("one chunk".utf8)).bytes
        let places = wrong.ranges(of: truth)
        #expect(places.count == 2, "the file's digest and that of its only chunk")
        for place in places { wrong.replaceSubrange(place, with: Digest(of: [1]).bytes) }
        try Data(wrong + Digest(of: wrong).bytes).write(to: URL(fileURLWithPath: cache(empty).string))
        #expect(throws: PublishError.self) { try empty.publish("1.0", of: studio.build) }
        #expect(!FileManager.default.fileExists(atPath: cache(empty).string))
        #expect(try empty.publish("1.0", of: studio.build).newSize == first.newSize)
    }
}
