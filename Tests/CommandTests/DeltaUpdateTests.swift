import Foundation
import InstarServing
import SystemPackage
import TestSupport
import Testing

@Suite struct DeltaUpdateTests {
    /// A game with a pak and small files, in which version `version` changes a little everywhere.
    private func publish(_ version: Int, to studio: Studio, _ more: [String] = [], rename: Bool = false) throws -> JSONLine {
        let build = "build-\(version).0"
        var pak = noise(600_000, seed: 1)
        for change in 1..<max(2, version) where version > 1 {
            for place in 0..<6 { pak.insert(contentsOf: noise(50, seed: UInt64(change * 10 + place)), at: 90_000 * place + 7000 * change) }
        }
        try studio.folder.write("\(build)/\(rename ? "data/world.bin" : "world.pak")", pak)
        for file in 0..<20 {
            var bytes = noise(6000, seed: UInt64(100 + file))
            bytes[3000] = UInt8(version)
            try studio.folder.write("\(build)/small/\(file)", bytes)
        }
        try studio.folder.write("\(build)/same", noise(50_000, seed: 99))
        return try studio.publish("\(version).0", build: studio.folder.path.appending(build), more).last
    }

    @Test func `an update takes the delta, exactly as the dry run said, and gives the published tree`() throws {
        let studio = try Studio()
        _ = try publish(1, to: studio)
        try studio.updated()
        let published = try publish(2, to: studio)
        #expect(published.array("deltas").map { $0.string("from") } == ["1.0"])
        let plan = try studio.update("--dry-run")
        let done = try studio.updated()
        #expect(try studio.activeTree() == studio.tree("2.0"))
        let planned = try #require(done.lines.first { $0.string("event") == "planned" })
        for member in ["bytesDownloaded", "bytesOfDeltas", "bytesFromDeltas", "requests", "bytesWritten"] {
            #expect(plan.last.number(member) == planned.number(member), "\(member)")
        }
        #expect(try #require(planned.number("bytesFromDeltas")) > 200_000)
        #expect(try #require(planned.number("bytesDownloaded")) < 6000)
        #expect(try #require(done.last.number("bytesDownloaded")) < 20_000, "all but little of it signatures")
        #expect(try #require(done.last.number("requests")) <= 9)
        let table = try InstarCommand.run(
            [
                "update", "--store", studio.folder.path.appending("other").string, "--url", studio.server.url, "--root", studio.root.string,
                "--dry-run",
            ],
            json: false)
        #expect(table.output.contains("deltas"))
    }

    @Test func `a base that was damaged on disk costs the plain frames and nothing else`() throws {
        let studio = try Studio()
        _ = try publish(1, to: studio)
        try studio.updated()
        try damage(studio.store.appending("generations/1/small/3"))
        _ = try publish(2, to: studio)
        let done = try studio.updated()
        #expect(try studio.activeTree() == studio.tree("2.0"))
        #expect(try studio.onStore("verify").status == 0)
        let planned = try #require(done.lines.first { $0.string("event") == "planned" }?.number("bytesDownloaded"))
        #expect(try #require(done.last.number("bytesDownloaded")) > planned + 100_000, "it fell back")
    }

    @Test func `whoever skipped a release takes the delta from the one before it`() throws {
        let studio = try Studio()
        _ = try publish(1, to: studio)
        try studio.updated()
        _ = try publish(2, to: studio)
        #expect(try publish(3, to: studio).array("deltas").compactMap { $0.string("from") }.sorted() == ["1.0", "2.0"])
        let done = try studio.updated()
        #expect(try studio.activeTree() == studio.tree("3.0"))
        #expect(try #require(done.last.number("bytesDownloaded")) < 30_000)
    }

    @Test func `whoever is further behind than any delta updates by chunks alone`() throws {
        let studio = try Studio()
        _ = try publish(1, to: studio)
        try studio.updated()
        _ = try publish(2, to: studio, ["--deltas", "1"])
        #expect(try publish(3, to: studio, ["--deltas", "1"]).array("deltas").map { $0.string("from") } == ["2.0"])
        let done = try studio.updated()
        #expect(try studio.activeTree() == studio.tree("3.0"))
        #expect(done.lines.first { $0.string("event") == "planned" }?.number("bytesOfDeltas") == 0)
    }

    @Test func `a file that was moved and changed is a delta against where it was`() throws {
        let studio = try Studio()
        _ = try publish(1, to: studio)
        try studio.updated()
        _ = try publish(3, to: studio, rename: true)
        let done = try studio.updated()
        #expect(try studio.activeTree() == studio.tree("3.0"))
        #expect(try #require(done.last.number("bytesDownloaded")) < 30_000)
    }

    @Test func `a kept generation that is not the active one serves as base, too`() throws {
        let studio = try Studio()
        _ = try publish(1, to: studio)
        try studio.updated()
        #expect(try studio.onStore("confirm").status == 0)
        _ = try publish(2, to: studio)
        try studio.updated()
        #expect(try studio.onStore("rollback").last.string("to") == "1.0")
        _ = try publish(3, to: studio, ["--deltas", "1"])
        let done = try studio.updated()
        #expect(try studio.activeTree() == studio.tree("3.0"))
        #expect(try #require(done.last.number("bytesDownloaded")) < 30_000)
    }

    @Test func `a repository that lost its deltas serves updates as before`() throws {
        let studio = try Studio()
        _ = try publish(1, to: studio)
        try studio.updated()
        _ = try publish(2, to: studio)
        let shown = try InstarCommand.run(["inspect", studio.repository.string, "2.0"])
        let bundle = try #require(shown.lines.first { $0.string("event") == "delta" }?.string("bundle"))
        try FileManager.default.removeItem(atPath: studio.repository.appending("bundles/\(bundle.prefix(2))/\(bundle).bundle").string)
        let done = try studio.updated()
        #expect(try studio.activeTree() == studio.tree("2.0"))
        #expect(try #require(done.last.number("bytesDownloaded")) > 200_000)
    }

    @Test func `inspect and diff show what a delta brings`() throws {
        let studio = try Studio()
        for version in 1...2 { _ = try publish(version, to: studio) }
        let shown = try InstarCommand.run(["inspect", studio.repository.string, "2.0"])
        let delta = try #require(shown.lines.first { $0.string("event") == "delta" })
        #expect(delta.string("version") == "1.0")
        #expect(try #require(delta.number("frameBytes")) < 6000)
        let difference = try InstarCommand.run(["diff", "1.0", "2.0", "--repo", studio.repository.string])
        #expect(difference.status == 0)
        let bytes = try #require(difference.last.number("bytes"))
        #expect(try bytes < #require(difference.last.number("contentBytes")) / 10)
        #expect(difference.last.object("delta")?.number("frameBytes") == delta.number("frameBytes"))
    }
}
