import Foundation
import InstarCryptography
import InstarDisk
import InstarPublishing
import InstarServing
import InstarTrust
import SystemPackage
import TestSupport
import Testing

/// What a hostile or broken repository, network or disk can do to a player: nothing but an error that says what to do.
@Suite struct BadInputTests {
    let one = ["main.py": "print('one')", "data/level.txt": text(lines: 3000, seed: 1)]
    let two = ["main.py": "print('two')", "data/level.txt": text(lines: 3000, seed: 2)]

    @Test func `metadata signed by a stranger is refused and nothing is touched`() throws {
        let studio = try installed()
        let stranger = try Studio()
        try stranger.publish("9.0", two)
        try refused(studio, url: stranger.server.url, status: 65, kind: "untrusted")
    }

    @Test(arguments: ["timestamp.json", "2.snapshot.json", "2.targets.json"])
    func `metadata with one changed byte is refused and nothing is touched`(name: String) throws {
        let studio = try Studio()
        try studio.publish("1.0", one)
        try change(studio.repository.appending("metadata/\(name)")) { bytes in
            // A digit inside the signed part, so that it stays JSON.
            guard let index = bytes.lastIndex(of: UInt8(ascii: "2")) else { return }
            bytes[index] = UInt8(ascii: "3")
        }
        let failed = try studio.update()
        #expect(failed.status == 65, "\(failed.output)")
        #expect(failed.last.string("event") == "error" && failed.last.string("message")?.isEmpty == false)
        #expect(try !studio.status().has("active"))
    }

    @Test func `metadata older than what was seen is refused and nothing is touched`() throws {
        let studio = try Studio()
        try studio.publish("1.0", one)
        let old = studio.folder.path.appending("old")
        try copyTree(studio.repository, old)
        try studio.publish("2.0", two)
        try studio.updated()
        let replayed = try DevelopmentServer(root: old, port: 0)
        try refused(studio, url: replayed.url, status: 65, kind: "rolledBack")
    }

    @Test func `expired metadata stops updates and never the game`() throws {
        let studio = try installed()
        try studio.publish("2.0", two)
        try expire(studio)
        try refused(studio, url: studio.server.url, status: 65, kind: "expired")
        #expect(try studio.onStore("verify").status == 0)
    }

    @Test(arguments: ["truncated", "altered", "missing"])
    func `a manifest that is not what was signed is refused`(damage: String) throws {
        let studio = try installed()
        try studio.publish("2.0", two)
        let releases = studio.repository.appending("targets/releases")
        let name = try #require(try folderContents(releases).first { $0.contains(".2.0-") })
        try self.damage(releases.appending(name), damage)
        try refused(studio, url: studio.server.url, status: 65, kind: "damaged", keeping: ["trust"])
    }

    @Test(arguments: ["truncated", "altered", "missing"])
    func `a bundle that is not what was published is refused`(damage: String) throws {
        let studio = try installed()
        let before = try bundles(studio)
        try studio.publish("2.0", two)
        let new = try #require(try bundles(studio).subtracting(before).first)
        try self.damage(studio.repository.appending(new), damage)
        let failed = try refused(studio, url: studio.server.url, status: 65, kind: "damaged", keeping: ["trust"])
        #expect(failed.last.string("message")?.contains("bundle") == true)
    }

    @Test func `a signed release with a path that escapes is refused`() throws {
        let studio = try installed()
        try studio.publish("2.0", two.merging(["zzz/evil.txt": "owned"]) { $1 })
        try forge(studio, replacing: "zzz/evil.txt", with: "../evil.text")
        let failed = try refused(studio, url: studio.server.url, status: 65, keeping: ["trust"])
        #expect(failed.last.string("kind") == "unsafePath" && failed.last.string("message")?.contains("..") == true)
        #expect(try !folderContents(studio.store).contains("evil.text"))
    }

    @Test func `no server is told apart from a bad one`() throws {
        let studio = try installed()
        let failed = try refused(studio, url: "http://127.0.0.1:1", status: 69, kind: "noServer")
        #expect(failed.last.string("message")?.components(separatedBy: "try again").count == 2, "one advice: \(failed.output)")
    }

    @Test func `an address that is none is a wrong use`() throws {
        let studio = try installed()
        try refused(studio, url: "ftp://example.com", statuses: [64, 69])
    }

    @Test func `an update larger than the ceiling is refused before anything is written`() throws {
        let studio = try installed()
        try studio.publish("2.0", two)
        try refused(studio, url: studio.server.url, "--ceiling", "1000", status: 74, kind: "diskFull", keeping: ["trust"])
    }

    @Test func `a busy store is said to be busy, with the process that holds it`() throws {
        let studio = try installed()
        try studio.publish("2.0", two)
        let lock = try DirectoryLock(studio.store.appending("lock"))
        try refused(studio, url: studio.server.url, status: 75, kind: "busy", keeping: ["trust"])
        withExtendedLifetime(lock) {}
        lock.release()
        try studio.updated()
    }

    @Test func `a first update without a root of trust is refused`() throws {
        let studio = try Studio()
        try studio.publish("1.0", one)
        let failed = try InstarCommand.run(["update", "--store", studio.store.string, "--url", studio.server.url])
        #expect(failed.status == 65 && failed.last.string("message")?.contains("root") == true)
    }

    @Test func `a store that everybody may write is refused`() throws {
        let studio = try installed()
        try setPermissions(studio.store, 0o777)
        #expect(try studio.update().status == 77)
        try setPermissions(studio.store, 0o755)
    }

    // MARK: - Helpers

    private func installed() throws -> Studio {
        let studio = try Studio()
        try studio.publish("1.0", one)
        try studio.updated()
        #expect(try studio.onStore("confirm").status == 0)
        return studio
    }

    /// An update that must fail, leave the store byte for byte as it was, and leave 1.0 running.
    ///
    /// - Parameter keeping: folders that may have changed: trusted metadata goes forward even where content is damaged.
    @discardableResult
    private func refused(
        _ studio: Studio, url: String, _ more: String..., status: Int32? = nil, statuses: Set<Int32> = [], kind: String? = nil,
        keeping: [String] = []
    ) throws -> InstarCommand.Result {
        let included: (String) -> Bool = { path in !(keeping + ["mirrors", "lock"]).contains { path == $0 || path.hasPrefix($0 + "/") } }
        let before = try TreeSnapshot(of: studio.store, where: included)
        let failed = try InstarCommand.run(["update", "--store", studio.store.string, "--url", url] + more)
        #expect((status.map { [$0] } ?? Array(statuses)).contains(failed.status), "status \(failed.status): \(failed.output)")
        #expect(failed.last.string("event") == "error")
        #expect(kind == nil || failed.last.string("kind") == kind, "\(failed.output)")
        #expect(try #require(failed.last.string("message")).count > 20)
        let differences = try TreeSnapshot(of: studio.store, where: included).differences(from: before)
        #expect(differences.isEmpty, "\(differences)")
        return failed
    }

    private func change(_ file: FilePath, _ body: (inout [UInt8]) -> Void) throws {
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: file.string)))
        body(&bytes)
        try Data(bytes).write(to: URL(fileURLWithPath: file.string))
    }

    private func damage(_ file: FilePath, _ kind: String) throws {
        switch kind {
        case "missing": try removeFile(file)
        case "truncated": try change(file) { $0.removeLast($0.count / 2) }
        default: try change(file) { bytes in for index in stride(from: bytes.count / 3, to: bytes.count, by: 97) { bytes[index] ^= 0x20 } }
        }
    }

    private func bundles(_ studio: Studio) throws -> Set<String> {
        let folder = studio.repository.appending("bundles")
        return Set(
            try folderContents(folder).flatMap { prefix in try folderContents(folder.appending(prefix)).map { "bundles/\(prefix)/\($0)" } })
    }

    /// Signs everything again as if a year had passed since.
    private func expire(_ studio: Studio) throws {
        var trust = try RepositoryTrust(opening: studio.repository, keys: KeyFolder(KeyFolder.standardPath(for: studio.repository)))
        let now = UTCTime(secondsSince1970: Int64.now - 800 * 86400)
        try trust.publish(adding: [], removing: [], now: now)
    }

    /// Puts a manifest in place of the published one in which `text` is other text of the same length, signed by the publisher.
    private func forge(_ studio: Studio, replacing text: String, with other: String) throws {
        let releases = studio.repository.appending("targets/releases")
        let name = try #require(try folderContents(releases).first { $0.contains(".2.0-") })
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: releases.appending(name).string)))
        let range = try #require(bytes.firstRange(of: Array(text.utf8)))
        bytes.replaceSubrange(range, with: Array(other.utf8))
        let target = TargetFile(
            path: "releases/" + String(name.split(separator: ".", maxSplits: 1)[1]), length: Int64(bytes.count), digest: Digest(of: bytes))
        try Data(bytes).write(to: URL(fileURLWithPath: studio.repository.appending("targets").appending(target.storedPath).string))
        var trust = try RepositoryTrust(opening: studio.repository, keys: KeyFolder(KeyFolder.standardPath(for: studio.repository)))
        try trust.publish(adding: [target], removing: [], now: UTCTime(secondsSince1970: .now))
    }
}

/// The kernel lock that a writer holds on a store's lock file, held by the test in its place.
private final class DirectoryLock {
    private let file: FileDescriptor

    init(_ path: FilePath) throws {
        file = try FileDescriptor.open(path, .readWrite, options: [.create], permissions: [.ownerReadWrite])
        guard flock(file.rawValue, LOCK_EX | LOCK_NB) == 0 else { throw Errno(rawValue: errno) }
    }

    func release() {
        // Closing alone would leave the lock with a child that is just being spawned.
        flock(file.rawValue, LOCK_UN)
        try? file.close()
    }
}
