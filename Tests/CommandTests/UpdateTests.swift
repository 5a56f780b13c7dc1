import Foundation
import SystemPackage
import TestSupport
import Testing

@Suite struct UpdateTests {
    let game = ["main.py": "print('one')", "data/level.txt": text(lines: 4000, seed: 1), "data/sound.bin": text(lines: 9000, seed: 2)]

    @Test func `a first installation is exactly the published build, on trial`() throws {
        let studio = try Studio()
        try studio.publish("1.0", game)
        let done = try studio.updated()
        #expect(done.last.string("outcome") == "activated" && done.last.string("to") == "1.0")
        #expect(try studio.activeTree() == studio.tree("1.0"))
        let status = try studio.status()
        #expect(status.object("trial") != nil)
        #expect(status.object("active")?.string("version") == "1.0")
    }

    @Test func `an update keeps what is unchanged as hard links and changes the rest`() throws {
        let studio = try Studio()
        try studio.publish("1.0", game)
        try studio.updated()
        var next = game
        next["main.py"] = "print('two')"
        next["data/new.txt"] = "new"
        try studio.publish("2.0", next)
        let done = try studio.updated()
        #expect(done.last.string("from") == "1.0" && done.last.string("to") == "2.0")
        #expect(try studio.activeTree() == studio.tree("2.0"))
        #expect(try inode(studio, 1, "data/level.txt") == inode(studio, 2, "data/level.txt"))
        #expect(try inode(studio, 1, "main.py") != inode(studio, 2, "main.py"))
        #expect(try studio.status().object("previous")?.string("version") == "1.0")
    }

    @Test func `nothing new costs two small requests and writes nothing`() throws {
        let studio = try Studio()
        let nginx = try NginxServer(root: studio.repository)
        try studio.publish("1.0", game)
        #expect(try studio.update(url: nginx.url).status == 0)
        let before = nginx.requests.count
        let tree = try TreeSnapshot(of: studio.store)
        for command in ["update", "check"] {
            let done = try InstarCommand.run([command, "--store", studio.store.string, "--url", nginx.url])
            #expect(done.status == 0 && done.last.bool("upToDate") == true)
        }
        let requests = nginx.requests(atLeast: before + 4).dropFirst(before)
        #expect(requests.map(\.path) == Array(repeating: ["/metadata/2.root.json", "/metadata/timestamp.json"], count: 2).flatMap { $0 })
        #expect(requests.allSatisfy { $0.bodyBytes < 2048 })
        #expect(try TreeSnapshot(of: studio.store).differences(from: tree).isEmpty)
    }

    @Test func `an update downloads metadata, manifest and changed chunks, by the web server's own count`() throws {
        let studio = try Studio()
        let nginx = try NginxServer(root: studio.repository)
        try studio.publish("1.0", game)
        #expect(try studio.update(url: nginx.url).status == 0)
        let before = nginx.requests.count
        var next = game
        next["main.py"] = "print('two')"
        let published = try studio.publish("2.0", next)
        let done = try studio.update(url: nginx.url)
        #expect(done.status == 0)
        let requests = try nginx.requests(atLeast: before + (#require(done.last.number("requests")))).dropFirst(before)
        #expect(requests.count == done.last.number("requests"))
        #expect(requests.reduce(0) { $0 + Int($1.bodyBytes) } == done.last.number("bytesDownloaded"))
        // The next root, which does not exist; timestamp, snapshot, targets; channel, manifest; content.
        let kinds = requests.map { $0.path.split(separator: "/")[0] }
        #expect(kinds == ["metadata", "metadata", "metadata", "metadata", "targets", "targets", "bundles"])
        let content = requests.filter { $0.path.hasPrefix("/bundles/") }.reduce(0) { $0 + Int($1.bodyBytes) }
        #expect(try content <= #require(published.last.number("newBytes")) + 64)
    }

    @Test func `what a dry run prints is what the update then does`() throws {
        let studio = try Studio()
        try studio.publish("1.0", game)
        try studio.updated()
        var next = game
        next["data/level.txt"] = text(lines: 4000, seed: 1) + "\nmore"
        try studio.publish("2.0", next)
        let plan = try studio.update("--dry-run")
        #expect(plan.status == 0)
        #expect(try studio.status().object("active")?.string("version") == "1.0")
        let done = try studio.updated()
        let planned = try #require(done.lines.first { $0.string("event") == "planned" })
        for member in ["bytesDownloaded", "bytesReused", "bytesWritten", "requests", "filesLinked", "filesWritten"] {
            #expect(plan.last.number(member) == planned.number(member), "\(member)")
        }
        #expect(plan.last.number("bytesWritten") == done.last.number("bytesWritten"))
        #expect(plan.last.number("filesWritten") == 1)
    }

    @Test func `a staged release waits until it is activated, with nothing downloaded again`() throws {
        let studio = try Studio()
        try studio.publish("1.0", game)
        try studio.updated()
        try studio.publish("2.0", game.merging(["extra.txt": "x"]) { $1 })
        let staged = try studio.updated("--stage-only")
        #expect(staged.last.string("outcome") == "staged")
        #expect(try studio.status().object("active")?.string("version") == "1.0")
        let activated = try studio.updated()
        #expect(activated.last.string("outcome") == "activated")
        #expect(try #require(activated.last.number("bytesDownloaded")) < 1024)
        #expect(try studio.activeTree() == studio.tree("2.0"))
    }

    @Test func `releases that were skipped are not needed`() throws {
        let studio = try Studio()
        try studio.publish("1.0", game)
        try studio.updated()
        for version in 2...4 {
            try studio.publish("\(version).0", game.merging(["data/level.txt": text(lines: 4000, seed: version)]) { $1 })
        }
        try studio.updated()
        #expect(try studio.activeTree() == studio.tree("4.0"))
    }

    @Test func `files that moved are copied from where they were`() throws {
        let studio = try Studio()
        try studio.publish("1.0", game)
        try studio.updated()
        let moved = [
            "main.py": game["main.py"] ?? "", "music/sound.bin": game["data/sound.bin"] ?? "",
            "data/level.txt": game["data/level.txt"] ?? "",
        ]
        try studio.publish("2.0", moved)
        let done = try studio.updated()
        #expect(try #require(done.last.number("bytesDownloaded")) < 8000)
        #expect(try studio.activeTree() == studio.tree("2.0"))
    }

    @Test func `a file becomes a folder and a folder becomes a file`() throws {
        let studio = try Studio()
        try studio.publish("1.0", ["a": "file", "b/c": "in a folder"])
        try studio.updated()
        try studio.publish("2.0", ["a/d": "in a folder", "b": "file"])
        try studio.updated()
        #expect(try studio.activeTree() == studio.tree("2.0"))
    }

    @Test func `an update over HTTP 2 with TLS gives the same tree`() throws {
        let studio = try Studio()
        let nginx = try NginxServer(root: studio.repository)
        try studio.publish("1.0", game)
        let done = try studio.update("--ca", nginx.certificate.string, "--pin", nginx.publicKeyPin(), url: nginx.secureURL)
        #expect(done.status == 0, "\(done.errors)")
        #expect(try studio.activeTree() == studio.tree("1.0"))
        #expect(nginx.requests(atLeast: 5).allSatisfy { $0.version == "HTTP/2.0" })
        // Without the authority, and with another key than the pinned one, there is no server to speak of.
        #expect(try studio.update(url: nginx.secureURL).status == 69)
        let pin = "sha256//" + String(repeating: "A", count: 43) + "="
        #expect(try studio.update("--ca", nginx.certificate.string, "--pin", pin, url: nginx.secureURL).status == 69)
    }

    @Test func `a file that a game changed in place is found before it is linked again`() throws {
        let studio = try Studio()
        try studio.publish("1.0", game)
        try studio.updated()
        let changed = studio.store.appending("generations/1/data/level.txt")
        try setPermissions(changed, 0o644)
        try Data("cheated".utf8).write(to: URL(fileURLWithPath: changed.string))
        try studio.publish("2.0", game.merging(["main.py": "print('two')"]) { $1 })
        try studio.updated()
        #expect(try studio.activeTree() == studio.tree("2.0"))
        #expect(try studio.onStore("verify").status == 0)
    }

    private func inode(_ studio: Studio, _ generation: Int, _ path: String) throws -> Int {
        let file = studio.store.appending("generations/\(generation)/\(path)").string
        return try #require(try FileManager.default.attributesOfItem(atPath: file)[.systemFileNumber] as? Int)
    }
}
