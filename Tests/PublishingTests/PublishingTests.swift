import InstarCryptography
import InstarDisk
import InstarManifest
import InstarPublishing
import InstarTrust
import SystemPackage
import TestSupport
import Testing

struct PublishingTests {
    @Test func `a release is rebuilt byte for byte from the repository alone`() throws {
        let studio = try Studio()
        try studio.write("game/__init__.py", "")
        try studio.write("game/actors.py", "class Actor: pass\n")
        try studio.write("data/level.txt", String(repeating: "wall ", count: 50_000))
        try studio.write("data/noise.bin", noise(300_000, seed: 1))
        try studio.write("data/sparse.bin", [UInt8](repeating: 0, count: 400_000) + noise(1000, seed: 2))
        try studio.write("data/copy.bin", noise(300_000, seed: 1))
        let publication = try studio.publish("1.0.0")
        let files = try studio.rebuild(publication)
        #expect(files.count == 6)
        #expect(files["data/sparse.bin"] == [UInt8](repeating: 0, count: 400_000) + noise(1000, seed: 2))
        #expect(files["data/copy.bin"] == noise(300_000, seed: 1))
        #expect(files["game/actors.py"] == Array("class Actor: pass\n".utf8))
        #expect(publication.newSize < 600_000, "neither zeros nor copies are stored")
        #expect(publication.modules == 2)
    }

    @Test func `the same build gives the same bundles and manifest in equal repositories`() throws {
        let one = try Studio(), two = try Studio()
        for studio in [one, two] {
            for index in 0..<40 { try studio.write("file\(index)", noise(index * 3000, seed: UInt64(index))) }
        }
        let first = try one.publish("1.0"), second = try two.publish("1.0")
        #expect(first.digest == second.digest)
        #expect(try one.files(in: "bundles") == two.files(in: "bundles"))
        #expect(try one.files(in: "targets") == two.files(in: "targets"))
    }

    @Test func `publishing an unchanged build writes no bundle`() throws {
        let studio = try Studio()
        for index in 0..<3000 { try studio.write("d\(index % 9)/f\(index)", "content of \(index)") }
        try studio.publish("1.0")
        let before = try studio.files(in: "bundles")
        let second = try studio.publish("1.1")
        #expect(second.bytesWritten == 0)
        #expect(second.newChunks == 0)
        #expect(try studio.files(in: "bundles") == before)
        #expect(try studio.rebuild(second).count == 3000)
    }

    @Test func `a small change of a large release writes little, and both releases stay readable`() throws {
        let studio = try Studio()
        for index in 0..<2000 { try studio.write("d\(index % 9)/f\(index)", noise(3000, seed: UInt64(index))) }
        let first = try studio.publish("1.0")
        try studio.write("d1/f10", "changed")
        let second = try studio.publish("1.1")
        #expect(second.newChunks == 1)
        #expect(second.bytesWritten < 40_000, "the changed file, its page and little more")
        #expect(try studio.rebuild(first)["d1/f10"] == noise(3000, seed: 10))
        #expect(try studio.rebuild(second)["d1/f10"] == Array("changed".utf8))
    }

    @Test func `what a killed publication left is gone after the next one`() throws {
        let studio = try Studio()
        try studio.write("a", "a")
        try studio.publish("1.0")
        try studio.folder.write("repository/bundles/incoming/0.bundle", noise(1000, seed: 7))
        try studio.write("a", "b")
        try studio.publish("1.1")
        #expect(try studio.files(in: "bundles").keys.allSatisfy { !$0.contains("incoming") })
    }

    @Test func `executables, links and empty folders are kept, and configuration files are not published`() throws {
        let studio = try Studio()
        try studio.write("run", "#!/bin/sh\n")
        try studio.write("lib/x.so.1", "x")
        try studio.write("instar.json", "{}")
        try studio.write("game/__pycache__/a.pyc", "x")
        let build = try Directory.open(studio.build)
        try build.setPermissions(0o755, of: "run")
        try build.directory("lib").makeSymbolicLink("x.so", to: "x.so.1")
        try build.makeDirectory("saves")
        let manifest = try studio.manifest(studio.publish("1"))
        var cursor = try manifest.pages(from: [Digest: [UInt8]]())
        let page = try #require(try cursor.next())
        let kinds = Dictionary(uniqueKeysWithValues: page.files.map { ($0.path.description, $0.kind) })
        #expect(
            kinds == [
                "run": .file(isExecutable: true), "lib/x.so.1": .file(isExecutable: false), "lib/x.so": .symbolicLink(target: "x.so.1"),
                "saves": .emptyDirectory,
            ])
    }

    @Test func `the channel points to the new release`() throws {
        let studio = try Studio()
        try studio.write("a", "a")
        try studio.publish("1.0")
        let second = try studio.publish("1.1")
        let trust = try RepositoryTrust(opening: studio.repository, keys: studio.keys)
        let target = try #require(try trust.targets().first { $0.path.description == "channels/stable.json" })
        let bytes = try DurableFile.read(studio.repository.appending("targets/\(target.urlPath)"), limit: 10_000)
        let document = try ChannelDocument(decoding: bytes, of: "stable")
        #expect(document.release == .init(target: second.target, version: "1.1", sequence: 2))
        #expect(document.rollout.share == 1)
    }

    @Test(arguments: ["CON", "a?b", "trailing.", "back\\slash", "Aux.txt"])
    func `a path that some platform cannot store is refused`(name: String) throws {
        let studio = try Studio()
        try studio.write("fine", "x")
        try studio.write(name, "x")
        #expect(throws: PublishError.self) { try studio.publish("1") }
        #expect(try studio.files(in: "bundles").isEmpty)
    }

    @Test func `names that differ only in case, and links that lead outside, are refused`() throws {
        let studio = try Studio()
        try studio.write("Data/a", "x")
        try studio.write("data/b", "x")
        #expect(throws: PublishError.self) { try studio.publish("1") }
        let other = try Studio()
        try other.write("a/b", "x")
        try Directory.open(other.build.appending("a")).makeSymbolicLink("out", to: "../../etc")
        #expect(throws: PublishError.self) { try other.publish("1") }
    }

    @Test func `an empty build, a bad version and a second publisher are refused`() throws {
        let studio = try Studio()
        try studio.write("instar.json", "{}")
        #expect(throws: PublishError.self) { try studio.publish("1") }
        try studio.write("a", "a")
        #expect(throws: PublishError.self) { try studio.publish("../1") }
        let holder = try RepositoryTrust(opening: studio.repository, keys: studio.keys)
        #expect(throws: TrustPublishingError.self) { try studio.publish("1") }
        _ = consume holder
        try studio.publish("1")
    }
}
