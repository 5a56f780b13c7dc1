import Foundation
import InstarServing
import SystemPackage
import TestSupport
import Testing

/// Updates of a game whose pak is a zip archive of deflated members.
@Suite struct InflatedUpdateTests {
    private func members(_ version: Int) -> [(name: String, content: [UInt8])] {
        (0..<30).map { index in
            ("level\(index).txt", script(50_000 + index * 700, seed: UInt64(index), version: index % 3 == 0 ? version : 1))
        }
    }

    /// A studio with the first version published and installed, and the second published.
    private func studio(_ maker: ZipMaker = .python(level: 6)) throws -> Studio {
        let studio = try Studio()
        for version in 1...2 {
            let build = studio.folder.path.appending("build-\(version).0")
            try maker.write(members(version), to: build.appending("world.pak"))
            try studio.folder.write("build-\(version).0/version.txt", Array("\(version)".utf8))
            try studio.publish("\(version).0", build: build)
            if version == 1 { try studio.updated() }
        }
        return studio
    }

    private func planned(_ done: InstarCommand.Result) throws -> JSONLine {
        try #require(done.lines.first { $0.string("event") == "planned" })
    }

    private let other = ["LD_PRELOAD": Products.path("libInstarFaults.so").string]

    private func update(_ studio: Studio, from stream: Int) throws -> InstarCommand.Result {
        try InstarCommand.run(
            ["update", "--store", studio.store.string, "--url", studio.server.url, "--root", studio.root.string],
            environment: other.merging(["INSTAR_FAULT_DEFLATE": "\(stream)"]) { $1 })
    }

    @Test(arguments: [ZipMaker.python(level: 1), .python(level: 9)])
    func `members that changed come inflated, as the dry run said, and the tree is the published one`(maker: ZipMaker) throws {
        let studio = try studio(maker)
        let plan = try studio.update("--dry-run")
        let done = try studio.updated()
        #expect(try studio.activeTree() == studio.tree("2.0"))
        let planned = try planned(done)
        for member in ["bytesDownloaded", "bytesOfDeltas", "bytesFromDeltas", "requests", "bytesWritten"] {
            #expect(plan.last.number(member) == planned.number(member), "\(member)")
        }
        let changed = try #require(planned.number("bytesFromDeltas"))
        #expect(changed > 150_000)
        #expect(try #require(planned.number("bytesDownloaded")) < changed / 10)
        #expect(try #require(done.last.number("bytesDownloaded")) < changed / 5, "half of it signatures")
        #expect(try studio.onStore("verify").status == 0)
    }

    @Test func `inspect says what is inflated, and diff what it costs`() throws {
        let studio = try studio()
        let shown = try InstarCommand.run(["inspect", studio.repository.string, "2.0"])
        let delta = try #require(shown.lines.first { $0.string("event") == "delta" })
        #expect(delta.number("members") == 10)
        #expect(try #require(delta.number("inflatedBytes")) > 500_000)
        #expect(delta.array("deflaters").map { $0.number("level") } == [6])
        #expect(try InstarCommand.run(["inspect", studio.repository.string, "2.0"], json: false).output.contains("10 members inflated"))
        let difference = try InstarCommand.run(["diff", "1.0", "2.0", "--repo", studio.repository.string])
        #expect(difference.last.object("delta")?.number("frameBytes") == delta.number("frameBytes"))
        #expect(try #require(difference.last.number("bytes")) < #require(difference.last.number("contentBytes")) / 4)
    }

    @Test func `an archive that was damaged on disk costs the plain frames and nothing else`() throws {
        let studio = try studio()
        let damaged = studio.store.appending("generations/1/world.pak")
        try setPermissions(damaged, 0o644)
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: damaged.string))
        try handle.seek(toOffset: 2000)
        try handle.write(contentsOf: Data([1, 2, 3]))
        try handle.close()
        let done = try studio.updated()
        #expect(try studio.activeTree() == studio.tree("2.0"))
        #expect(try studio.onStore("verify").status == 0)
        #expect(try #require(done.last.number("bytesDownloaded")) > #require(planned(done).number("bytesDownloaded")) + 50_000)
    }

    @Test func `whose zlib is another one takes the plain frames, and the plan knows`() throws {
        let studio = try studio()
        let done = try update(studio, from: 1)
        #expect(done.status == 0)
        #expect(try studio.activeTree() == studio.tree("2.0"))
        let planned = try planned(done)
        #expect(try #require(planned.number("bytesFromDeltas")) < 50_000)
        #expect(try #require(done.last.number("bytesDownloaded")) < #require(planned.number("bytesDownloaded")) + 40_000)
    }

    @Test func `whose zlib turns out to be another one gets the plain frames after all`() throws {
        let studio = try studio()
        // The sample that plans look at is deflated as ever, and nothing after it.
        let done = try update(studio, from: 2)
        #expect(done.status == 0)
        #expect(try studio.activeTree() == studio.tree("2.0"))
        #expect(try studio.onStore("verify").status == 0)
        let planned = try planned(done)
        #expect(try #require(planned.number("bytesFromDeltas")) > 150_000)
        #expect(try #require(done.last.number("bytesDownloaded")) > #require(planned.number("bytesDownloaded")) + 100_000)
    }
}
