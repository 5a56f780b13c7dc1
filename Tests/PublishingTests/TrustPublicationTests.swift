import InstarCryptography
import InstarDisk
import InstarPublishing
import InstarTrust
import SystemPackage
import TestSupport
import Testing

/// A repository with its keys in a folder of its own.
struct Workshop {
    let folder = TemporaryFolder()
    var repository: FilePath { folder.path.appending("repo") }
    var keyPath: FilePath { KeyFolder.standardPath(for: repository) }
    var keys: KeyFolder { KeyFolder(keyPath) }
    let now = UTCTime(secondsSince1970: 1_800_000_000)

    func create() throws -> RepositoryTrust { try RepositoryTrust.create(at: repository, keys: keys, now: now) }
    func open() throws -> RepositoryTrust { try RepositoryTrust(opening: repository, keys: keys) }

    func metadata(_ name: String) throws -> [UInt8] {
        try DurableFile.read(repository.appending("metadata").appending(name), limit: 1 << 20)
    }

    func file(_ path: String) -> TargetFile {
        TargetFile(path: path, length: 3, digest: Digest(of: Array(path.utf8)), custom: ["note": "x"])
    }
}

@Suite struct TrustPublicationTests {
    @Test func `a new repository holds what clients need and no key`() throws {
        let shop = Workshop()
        _ = try shop.create()
        let names = try folderContents(shop.repository.appending("metadata"))
        #expect(names == ["1.root.json", "1.snapshot.json", "1.targets.json", "root.json", "timestamp.json"])
        #expect(try folderContents(shop.repository) == ["metadata"])
        #expect(try folderContents(shop.keyPath).count == 4)
    }

    @Test func `keys are their owner's alone`() throws {
        let shop = Workshop()
        _ = try shop.create()
        #expect(try permissions(shop.keyPath) == 0o700)
        for name in try folderContents(shop.keyPath) { #expect(try permissions(shop.keyPath.appending(name)) == 0o600) }
    }

    @Test func `published files are found by their paths and removed ones are gone`() throws {
        let shop = Workshop()
        var trust = try shop.create()
        try trust.publish(adding: [shop.file("a"), shop.file("b")], removing: [], now: shop.now)
        let versions = try trust.publish(adding: [shop.file("c")], removing: ["a", "unknown"], now: shop.now)
        #expect(try trust.targets().map { "\($0.path)" } == ["b", "c"])
        #expect(try trust.targets()[0].custom == ["note": "x"])
        #expect([versions.targets, versions.snapshot, versions.timestamp] == [3, 3, 3])
    }

    @Test func `the same files, keys and time give the same bytes`() throws {
        let (first, second) = (Workshop(), Workshop())
        _ = try first.create()
        try copyTree(first.repository, second.repository)
        try copyTree(first.keyPath, second.keyPath)
        for shop in [first, second] {
            var trust = try shop.open()
            try trust.publish(adding: [shop.file("b"), shop.file("a")], removing: [], now: shop.now)
        }
        for name in ["2.targets.json", "2.snapshot.json", "timestamp.json"] { #expect(try first.metadata(name) == second.metadata(name)) }
    }

    @Test func `a second publisher is told to wait`() throws {
        let shop = Workshop()
        let trust = try shop.create()
        #expect(throws: TrustPublishingError.self) { _ = try shop.open() }
        _ = consume trust
        _ = try shop.open()
    }

    @Test func `a missing key stops a publication before anything is written`() throws {
        let shop = Workshop()
        _ = try shop.create()
        let before = try folderContents(shop.repository.appending("metadata"))
        let key = try #require(try folderContents(shop.keyPath).first { $0.hasPrefix("snapshot-") })
        try removeFile(shop.keyPath.appending(key))
        var trust = try shop.open()
        let error = #expect(throws: TrustPublishingError.self) { try trust.publish(adding: [shop.file("a")], removing: [], now: shop.now) }
        #expect(error?.description.contains("0 of the private keys of snapshot, and 1 must sign") == true)
        #expect(try folderContents(shop.repository.appending("metadata")) == before)
    }

    @Test(arguments: ["timestamp.json", "1.snapshot.json", "1.targets.json", "root.json"])
    func `metadata that somebody changed is noticed`(name: String) throws {
        let shop = Workshop()
        _ = try shop.create()
        let path = shop.repository.appending("metadata").appending(name)
        let changed = String(decoding: try shop.metadata(name), as: UTF8.self).replacing("2027-", with: "2099-").replacing(
            "2028-", with: "2099-")
        try DurableFile.replace(path, with: Array(changed.utf8))
        let error = #expect(throws: TrustPublishingError.self) { _ = try shop.open() }
        guard case .damaged? = error else { Issue.record("\(String(describing: error))"); return }
    }

    @Test func `an existing repository is never overwritten`() throws {
        let shop = Workshop()
        _ = try shop.create()
        #expect(throws: TrustPublishingError.self) { _ = try shop.create() }
    }

    @Test func `a key that others can read is refused`() throws {
        let shop = Workshop()
        _ = try shop.create()
        let key = try #require(try folderContents(shop.keyPath).first { $0.hasPrefix("targets-") })
        try setPermissions(shop.keyPath.appending(key), 0o644)
        var trust = try shop.open()
        let error = #expect(throws: TrustPublishingError.self) { try trust.publish(adding: [], removing: [], now: shop.now) }
        #expect(error?.description.contains("chmod 600") == true)
    }

    @Test func `a folder without a repository is named as such`() {
        let shop = Workshop()
        let error = #expect(throws: TrustPublishingError.self) { _ = try shop.open() }
        #expect(error?.description.contains("instar init") == true)
    }
}
