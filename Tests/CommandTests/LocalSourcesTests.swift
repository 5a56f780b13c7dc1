import Foundation
import SystemPackage
import TestSupport
import Testing

/// Content that is on the machine already, wherever it lies, is not downloaded.
@Suite struct LocalSourcesTests {
    let level = text(lines: 30_000, seed: 1)
    let sound = text(lines: 80_000, seed: 2)

    @Test func `a first installation over a shipped directory downloads only what differs`() throws {
        let studio = try Studio()
        try studio.publish("1.0", ["data/level.txt": level, "data/sound.bin": sound, "main.py": "print('one')"])
        let shipped = try ship(studio, ["old/level.txt": level, "old/sound.bin": "intro" + sound, "other.txt": "no part of the release"])
        let whole = try #require(studio.update("--dry-run").last.number("bytesDownloaded"))
        let done = try studio.updated("--shipped", shipped.string)
        #expect(try #require(done.last.number("bytesDownloaded")) < whole / 2, "the frames with the first chunk of the sound and the code")
        #expect(try #require(done.last.number("bytesReused")) > level.utf8.count + sound.utf8.count - 70_000)
        #expect(try studio.activeTree() == studio.tree("1.0"))
    }

    @Test func `the plan names the shipped directory, and the run keeps to the plan by the server's own count`() throws {
        let studio = try Studio()
        let nginx = try NginxServer(root: studio.repository)
        try studio.publish("1.0", ["level.txt": level, "sound.bin": sound])
        let shipped = try ship(studio, ["level.txt": level])
        let plan = try studio.update("--shipped", shipped.string, "--dry-run", url: nginx.url)
        let source = try #require(plan.last.array("sources").first)
        #expect(source.string("place") == "shipped" && source.number("bytes") == level.utf8.count)
        let table = try InstarCommand.run(
            ["update", "--store", studio.store.string, "--url", nginx.url, "--shipped", shipped.string, "--dry-run"], json: false)
        #expect(table.output.contains("from the directory shipped with the app"))
        let before = nginx.requests.count
        let done = try studio.update("--shipped", shipped.string, url: nginx.url)
        #expect(done.status == 0 && done.last.number("bytesReused") == plan.last.number("bytesReused"))
        let all = try nginx.requests(atLeast: before + (#require(done.last.number("requests")))).dropFirst(before)
        let content = all.filter { $0.path.hasPrefix("/bundles/") }
        let added = try #require(done.last.number("requestsForSlowLine"))
        #expect(try content.count == #require(plan.last.number("requests")) + added)
        #expect(content.reduce(0) { $0 + Int($1.bodyBytes) } == plan.last.number("bytesDownloaded"))
    }

    @Test func `a file that was damaged after it was indexed costs the network just its damaged part`() throws {
        let studio = try Studio()
        try studio.publish("1.0", ["level.txt": level, "sound.bin": sound])
        let shipped = try ship(studio, ["level.txt": level, "sound.bin": sound])
        #expect(try studio.update("--shipped", shipped.string, "--dry-run").last.number("bytesDownloaded") == 0)
        try damage(shipped.appending("sound.bin"), at: 500_000)
        let done = try studio.updated("--shipped", shipped.string)
        #expect(done.lines.first { $0.string("event") == "planned" }?.number("bytesDownloaded") == 0)
        let changed = try #require(done.lines.first { $0.string("event") == "sourcesChanged" }?.number("bytes"))
        #expect(changed <= 2 * 65_536, "the damaged chunk, or the two that it stands in")
        #expect(done.last.number("bytesReused") == level.utf8.count + sound.utf8.count - changed)
        #expect(try studio.activeTree() == studio.tree("1.0"))
    }

    @Test func `a shipped directory is read once`() throws {
        let studio = try Studio()
        try studio.publish("1.0", ["level.txt": level, "sound.bin": sound])
        let shipped = try ship(studio, ["level.txt": level, "sound.bin": sound])
        #expect(try studio.update("--shipped", shipped.string, "--dry-run").last.number("bytesDownloaded") == 0)
        // Other content with the same size and time: who reads it again sees it, who trusts the index does not.
        try damage(shipped.appending("sound.bin"), at: 0, count: sound.utf8.count)
        #expect(try studio.update("--shipped", shipped.string, "--dry-run").last.number("bytesDownloaded") == 0)
        try FileManager.default.setAttributes([.modificationDate: Date()], ofItemAtPath: shipped.appending("sound.bin").string)
        #expect(try #require(studio.update("--shipped", shipped.string, "--dry-run").last.number("bytesDownloaded")) > 100_000)
    }

    @Test func `content of any kept generation is found`() throws {
        let studio = try Studio()
        try studio.publish("1.0", ["level.txt": level, "main.py": "print('one')"])
        try studio.updated()
        try studio.publish("2.0", ["sound.bin": sound, "main.py": "print('two')"])
        try studio.updated()
        try studio.publish("3.0", ["sound.bin": sound, "back/again.txt": level, "main.py": "print('three')"])
        let plan = try studio.update("--dry-run")
        let source = try #require(plan.last.array("sources").first)
        #expect(source.string("place") == "generation 1" && source.number("bytes") == level.utf8.count)
        let done = try studio.updated()
        #expect(try #require(done.last.number("bytesDownloaded")) < 8000)
        #expect(try studio.activeTree() == studio.tree("3.0"))
    }

    @Test func `a file of a generation that somebody changed is no source, and the plan knows`() throws {
        let studio = try Studio()
        try studio.publish("1.0", ["level.txt": level, "main.py": "print('one')"])
        try studio.updated()
        let file = studio.store.appending("generations/1/level.txt")
        try setPermissions(file, 0o644)
        try Data("cheated".utf8).write(to: URL(fileURLWithPath: file.string))
        try studio.publish("2.0", ["moved/level.txt": level, "main.py": "print('two')"])
        let plan = try studio.update("--dry-run")
        #expect(plan.last.array("sources").isEmpty)
        let done = try studio.updated()
        #expect(!done.lines.contains { $0.string("event") == "sourcesChanged" })
        #expect(try studio.activeTree() == studio.tree("2.0"))
    }

    /// A directory as it came with the app.
    private func ship(_ studio: Studio, _ files: [String: String]) throws -> FilePath {
        for (name, content) in files { try studio.folder.write("shipped/\(name)", Array(content.utf8)) }
        return studio.folder.path.appending("shipped")
    }

    /// Writes other bytes into a file whose size and time stay as they are.
    private func damage(_ file: FilePath, at offset: UInt64, count: Int = 10) throws {
        var before = stat()
        stat(file.string, &before)
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: file.string))
        try handle.seek(toOffset: offset)
        try handle.write(contentsOf: Data(repeating: 0x2A, count: count))
        try handle.close()
        utimensat(AT_FDCWD, file.string, [before.st_atim, before.st_mtim], 0)
    }
}
