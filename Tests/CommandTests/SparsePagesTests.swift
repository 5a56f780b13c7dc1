import Foundation
import SystemPackage
import TestSupport
import Testing

/// Updates that change many small files: what their manifest pages cost.
@Suite struct SparsePagesTests {
    private static let files = 700

    private func publish(_ version: Int, to studio: Studio, _ more: String = "") throws {
        for file in 0..<Self.files {
            var bytes = noise(3000, seed: UInt64(100 + file))
            bytes[1500] = UInt8(version)
            try studio.folder.write("build-\(version).0/units/\(file).png", bytes)
        }
        try studio.folder.write("build-\(version).0/version", Array("\(version)".utf8))
        if !more.isEmpty { try studio.folder.write("build-\(version).0/instar.json", Array(more.utf8)) }
        #expect(try studio.publish("\(version).0", build: studio.folder.path.appending("build-\(version).0")).status == 0)
    }

    @Test func `digests of what a delta brings do not cross the network`() throws {
        let studio = try Studio()
        try publish(1, to: studio)
        try studio.updated()
        try publish(2, to: studio)
        let done = try studio.updated()
        #expect(try studio.activeTree() == studio.tree("2.0"))
        #expect(try studio.onStore("verify").status == 0)
        // 32 bytes for each file alone would be more.
        #expect(try #require(done.last.number("bytesDownloaded")) < Self.files * 32)
        let planned = try #require(done.lines.first { $0.string("event") == "planned" })
        #expect(try #require(planned.number("bytesFromDeltas")) >= Self.files * 3000)
    }

    @Test func `a dry run fetches no content, and says what the run then does`() throws {
        let studio = try Studio()
        try publish(1, to: studio)
        try studio.updated()
        try publish(2, to: studio)
        let plan = try studio.update("--dry-run")
        let done = try studio.updated()
        #expect(try studio.activeTree() == studio.tree("2.0"))
        let planned = try #require(done.lines.first { $0.string("event") == "planned" })
        for member in ["bytesDownloaded", "bytesOfDeltas", "bytesFromDeltas", "requests", "bytesWritten"] {
            #expect(plan.last.number(member) == planned.number(member), "\(member)")
        }
    }

    @Test func `an update that stopped behind the pages fetches no frame twice`() throws {
        let studio = try Studio()
        try publish(1, to: studio)
        try studio.updated()
        try publish(2, to: studio)
        // Too little for the content that the plan then writes.
        let refused = try studio.update("--ceiling", "4500000")
        #expect(refused.status == 73 || refused.status == 74, "\(refused.errors)")
        let done = try studio.updated()
        #expect(try studio.activeTree() == studio.tree("2.0"))
        #expect(try #require(done.last.number("bytesDownloaded")) < 6000, "only signatures")
    }

    @Test func `old content that is not what it was costs the whole pages and nothing else`() throws {
        let studio = try Studio()
        try publish(1, to: studio)
        try studio.updated()
        try damage(studio.store.appending("generations/1/units/333.png"))
        try publish(2, to: studio)
        let done = try studio.updated()
        #expect(try studio.activeTree() == studio.tree("2.0"))
        #expect(try studio.onStore("verify").status == 0)
        #expect(try #require(done.last.number("bytesDownloaded")) > Self.files * 3000, "it fell back")
    }

    @Test func `whoever has not the pack whose files changed updates as before`() throws {
        let packs = #"{"packs": {"hd": {"title": "HD", "files": ["units/"]}}}"#
        let studio = try Studio()
        try publish(1, to: studio, packs)
        try studio.updated()
        try publish(2, to: studio, packs)
        let done = try studio.updated()
        #expect(done.last.string("to") == "2.0")
        #expect(try #require(done.last.number("bytesDownloaded")) < 60_000)
    }
}
