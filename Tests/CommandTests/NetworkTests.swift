import Foundation
import InstarServing
import SystemPackage
import TestSupport
import Testing

/// What the command takes from its surroundings on its way to a server, and what it does not.
@Suite struct NetworkTests {
    private let studio: Studio

    init() throws {
        studio = try Studio()
        try studio.publish("1.0.0", ["game.py": "print('one')"])
    }

    private func update(_ url: String, _ more: [String] = [], environment: [String: String] = [:]) throws -> InstarCommand.Result {
        let words = ["update", "--store", studio.store.string, "--url", url, "--root", studio.root.string]
        return try InstarCommand.run(words + more, environment: environment)
    }

    @Test func `passwords of a netrc file are sent to nobody`() throws {
        try studio.folder.write("home/.netrc", Array("machine 127.0.0.1 login player password secret\n".utf8))
        let server = try FaultyServer { _ in [.head(404, ["Content-Length: 0"])] }
        let home = studio.folder.path.appending("home").string
        #expect(try update(server.url, environment: ["HOME": home]).status != 0)
        #expect(!server.requests.isEmpty)
        #expect(server.requests.allSatisfy { $0.head["authorization"] == nil })
    }

    @Test func `the environment's proxy is asked for other machines`() throws {
        let proxy = try FaultyServer { _ in [.head(404, ["Content-Length: 0"])] }
        _ = try update("http://game.invalid/base", environment: ["http_proxy": proxy.url])
        #expect(proxy.requests.first?.head.target.hasPrefix("http://game.invalid/base/metadata/") == true)
    }

    @Test func `no_proxy and --proxy none keep the environment's proxy out`() throws {
        let proxy = try FaultyServer { _ in [.head(404, ["Content-Length: 0"])] }
        #expect(try update("http://game.invalid", environment: ["http_proxy": proxy.url, "no_proxy": "game.invalid"]).status == 69)
        #expect(try update("http://game.invalid", ["--proxy", "none"], environment: ["http_proxy": proxy.url]).status == 69)
        #expect(proxy.requests.isEmpty)
    }

    @Test func `this machine is never asked through the environment's proxy`() throws {
        let proxy = try FaultyServer { _ in [.head(404, ["Content-Length: 0"])] }
        try update(studio.server.url, environment: ["http_proxy": proxy.url, "all_proxy": proxy.url]).mustSucceed("update")
        #expect(proxy.requests.isEmpty)
    }

    @Test func `a named proxy is asked, and its address is checked`() throws {
        let proxy = try FaultyServer { _ in [.head(404, ["Content-Length: 0"])] }
        _ = try update("http://game.invalid", ["--proxy", proxy.url])
        #expect(proxy.requests.first?.head.target.hasPrefix("http://game.invalid/metadata/") == true)
        #expect(try update(studio.server.url, ["--proxy", "nonsense://"]).status == 64)
    }

    @Test(arguments: ["background", "metered"])
    func `an update in a polite mode brings the same release`(mode: String) throws {
        try update(studio.server.url, ["--network", mode]).mustSucceed("update")
        #expect(try studio.activeTree() == studio.tree("1.0.0"))
    }

    @Test func `progress tells bytes a second and the time left`() throws {
        try studio.publish("1.1.0", ["game.py": text(lines: 20_000, seed: 1), "more.py": text(lines: 20_000, seed: 2)])
        let result = try update(studio.server.url, ["--rate", "200000"])
        try result.mustSucceed("update")
        let progress = result.lines.filter { $0.string("event") == "transfer" }
        #expect(progress.contains { ($0.number("bytesPerSecond") ?? 0) > 0 && ($0.double("secondsLeft") ?? 0) > 0 })
        #expect(progress.allSatisfy { ($0.number("bytes") ?? 0) <= ($0.number("expected") ?? .max) })
    }

    @Test func `an outage in the middle of a download ends with its own status, and a later run fetches only the rest`() throws {
        let size = 24 << 20
        try studio.folder.write("build-2.0.0/data.bin", NetworkTests.noise(size))
        try studio.publish("2.0.0", build: studio.folder.path.appending("build-2.0.0"))
        let relay = try FailingRelay(to: studio.server.port, bytes: size / 2)
        let outage = try update(relay.url)
        #expect(outage.status == 69 && relay.isGone, "\(outage.output)")
        #expect(try studio.status().object("active") == nil)
        let later = try update(studio.server.url)
        try later.mustSucceed("update")
        #expect(try studio.activeTree() == studio.tree("2.0.0"))
        // Half of it had come; of what each connection was in the middle of nothing is kept.
        let fetched = try #require(later.last.number("bytesDownloaded"))
        #expect(fetched < size * 7 / 8, "\(fetched)")
    }

    /// Bytes that no compressor shortens.
    private static func noise(_ count: Int) -> [UInt8] {
        var random = SystemRandomNumberGenerator()
        return (0..<count / 8).flatMap { _ in withUnsafeBytes(of: random.next()) { Array($0) } }
    }
}
