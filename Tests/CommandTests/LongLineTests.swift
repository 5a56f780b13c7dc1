import Foundation
import SystemPackage
import TestSupport
import Testing

/// Updates whose content takes its time.
@Suite struct LongLineTests {
    @Test func `an update over a slow line says how many requests it added to those of its plan`() throws {
        let studio = try Studio()
        let nginx = try NginxServer(root: studio.repository)
        // Forty-eight frames of noise, in eight ranges.
        try publish(studio, "1.0", ["sound.bin": noise(6 << 20, seed: 1)])
        let relay = try LineRelay(to: nginx.port, line: LineRelay.Line(roundTrip: 0.02, bytesPerSecond: 1_500_000, loss: 0.01))
        defer { withExtendedLifetime(relay) {} }
        let before = nginx.requests.count
        let done = try studio.update(url: "http://127.0.0.1:\(relay.port)")
        #expect(done.status == 0)
        #expect(try studio.activeTree() == studio.tree("1.0"))
        let planned = try #require(done.lines.first { $0.string("event") == "planned" }?.number("requests"))
        let added = try #require(done.last.number("requestsForSlowLine"))
        #expect(added > 0)
        let requests = try nginx.requests(atLeast: before + (#require(done.last.number("requests")))).dropFirst(before)
        #expect(requests.count == done.last.number("requests"))
        #expect(requests.filter { $0.path.hasPrefix("/bundles/") }.count == planned + added + 1, "and one for the manifest's page")
    }

    @Test(arguments: ["gone", "shorter"])
    func `an installed file that cannot be linked is built, though the download has begun`(what: String) throws {
        let studio = try Studio()
        var files = ["level.txt": text(lines: 4000, seed: 1), "sound.bin": text(lines: 9000, seed: 2)]
        try studio.publish("1.0", files)
        try studio.updated()
        let installed = FilePath(try studio.activePath()).appending("sound.bin")
        if what == "gone" { try FileManager.default.removeItem(atPath: installed.string) } else { try cut(installed) }
        files["level.txt"] = text(lines: 4000, seed: 3)
        try studio.publish("2.0", files)
        let done = try studio.updated()
        #expect(done.lines.filter { $0.string("event") == "planned" }.count == 2)
        #expect(try studio.activeTree() == studio.tree("2.0"))
    }

    private func publish(_ studio: Studio, _ version: String, _ files: [String: [UInt8]]) throws {
        let build = "build-\(version)"
        for (name, content) in files { try studio.folder.write("\(build)/\(name)", content) }
        try studio.publish(version, build: studio.folder.path.appending(build), ["--frame-size", "131072"])
    }

    private func cut(_ file: FilePath) throws {
        try setPermissions(file, 0o644)
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: file.string))
        try handle.truncate(atOffset: 100)
        try handle.close()
    }
}
