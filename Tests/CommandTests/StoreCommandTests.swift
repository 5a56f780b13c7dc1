import Foundation
import InstarServing
import SystemPackage
import TestSupport
import Testing

@Suite struct StoreCommandTests {
    let one = ["main.py": "print('one')", "data.txt": text(lines: 5000, seed: 1)]
    let two = ["main.py": "print('two')", "data.txt": text(lines: 5000, seed: 1)]

    @Test func `rolling back and updating again needs no download of content`() throws {
        let studio = try twoReleases()
        let back = try studio.onStore("rollback")
        #expect(back.status == 0 && back.last.string("to") == "1.0")
        #expect(try studio.activeTree() == studio.tree("1.0"))
        let again = try studio.updated()
        #expect(again.last.string("to") == "2.0")
        #expect(try #require(again.last.number("bytesDownloaded")) < 1024)
    }

    @Test func `rolling back works offline`() throws {
        let studio = try twoReleases()
        studio.server.stop()
        #expect(try studio.onStore("rollback").status == 0)
        #expect(try studio.activeTree() == studio.tree("1.0"))
    }

    @Test func `a release that was rolled back with a ban is not brought back until it is unbanned`() throws {
        let studio = try twoReleases()
        #expect(try studio.onStore("rollback", "--ban", "crashed on level 3").status == 0)
        let held = try studio.update()
        #expect(held.status == 0 && held.last.string("held")?.contains("crashed on level 3") == true)
        #expect(try studio.status().array("banned").first?.string("version") == "2.0")
        #expect(try InstarCommand.run(["unban", "--store", studio.store.string, "2.0"]).status == 0)
        #expect(try studio.updated().last.string("to") == "2.0")
    }

    @Test func `a confirmed release is no longer on trial`() throws {
        let studio = try twoReleases()
        #expect(try studio.status().has("trial"))
        #expect(try studio.onStore("confirm").last.string("version") == "2.0")
        #expect(try !studio.status().has("trial"))
        #expect(try studio.onStore("confirm").status == 0)
    }

    @Test func `collecting keeps the active release and the one to fall back to`() throws {
        let studio = try twoReleases()
        #expect(try studio.onStore("confirm").status == 0)
        try studio.publish("3.0", one.merging(["more": "x"]) { $1 })
        try studio.updated()
        #expect(try studio.onStore("confirm").status == 0)
        let collected = try studio.onStore("gc", "--keep", "2")
        #expect(collected.status == 0 && collected.last.strings("removed") == ["1.0"])
        #expect(try folderContents(studio.store.appending("generations")).filter { !$0.contains(".") } == ["2", "3"])
        #expect(try studio.onStore("rollback").last.string("to") == "2.0")
    }

    @Test(arguments: ["damaged", "missing", "foreign", "permissions"])
    func `verify finds what is wrong and repair puts it right`(kind: String) throws {
        let studio = try twoReleases()
        let file = URL(fileURLWithPath: try studio.activePath() + "/data.txt")
        switch kind {
        case "damaged":
            try setPermissions(FilePath(file.path), 0o644)
            let handle = try FileHandle(forWritingTo: file)
            try handle.seek(toOffset: 1000)
            try handle.write(contentsOf: Data("X".utf8))
            try handle.close()
            try setPermissions(FilePath(file.path), 0o444)
        case "missing": try FileManager.default.removeItem(at: file)
        case "foreign": try Data("mod".utf8).write(to: file.deletingLastPathComponent().appendingPathComponent("mod.pak"))
        default: try setPermissions(FilePath(file.path), 0o600)
        }
        let found = try studio.onStore("verify")
        let damages = try #require(found.lines.first { !$0.array("damages").isEmpty }).array("damages")
        #expect(damages.map { $0.string("kind") } == [kind])
        // A player's own files are shown and are no damage.
        #expect(found.status == (kind == "foreign" ? 0 : 65))
        let repaired = try studio.onStore("verify", "--repair", "--url", studio.server.url)
        #expect(repaired.status == 0, "\(repaired.output)")
        if kind != "foreign" { #expect(try studio.activeTree() == studio.tree("2.0")) }
    }

    @Test func `a repair fetches only what is lost`() throws {
        let studio = try Studio()
        try studio.publish("1.0", ["big.txt": text(lines: 200_000, seed: 3)])
        try studio.updated()
        let file = URL(fileURLWithPath: studio.store.appending("generations/1/big.txt").string)
        try setPermissions(FilePath(file.path), 0o644)
        let handle = try FileHandle(forWritingTo: file)
        try handle.seek(toOffset: 3_000_000)
        try handle.write(contentsOf: Data("damage".utf8))
        try handle.close()
        let repaired = try studio.onStore("verify", "--repair", "--url", studio.server.url)
        #expect(repaired.status == 0)
        let size = try #require(try FileManager.default.attributesOfItem(atPath: file.path)[.size] as? Int)
        #expect(try #require(repaired.last.number("bytesDownloaded")) < size / 4)
    }

    @Test func `a collection can prepare the next update, which then begins in what is there`() throws {
        let studio = try Studio()
        try studio.publish("1.0", one)
        try studio.updated()
        #expect(try studio.onStore("confirm").status == 0)
        let prepared = try studio.onStore("gc", "--prepare")
        #expect(prepared.status == 0 && prepared.last.number("prepared") == one.count)
        #expect(try folderContents(studio.store.appending("staging")) == ["spare"])
        try studio.publish("2.0", two)
        try studio.updated()
        #expect(try studio.activeTree() == studio.tree("2.0"))
        #expect(try folderContents(studio.store.appending("staging")) == [])
        let text = try InstarCommand.run(["gc", "--prepare", "--store", studio.store.string], json: false).errors
        #expect(text.contains("There is nothing to remove. \(two.count) files are in place for the next update."), "\(text)")
    }

    @Test func `a mirror takes over when the first address is dead`() throws {
        let studio = try Studio()
        try studio.publish("1.0", one)
        let done = try InstarCommand.run([
            "update", "--store", studio.store.string, "--url", "http://127.0.0.1:1", "--url", studio.server.url, "--root",
            studio.root.string,
        ])
        #expect(done.status == 0, "\(done.errors)")
        #expect(try studio.activeTree() == studio.tree("1.0"))
    }

    @Test func `the help of every command names its options and gives an example of the whole`() throws {
        let help = try InstarCommand.run(["help"], json: false)
        for command in [
            "init", "publish", "channel", "serve", "update", "check", "status", "verify", "confirm", "rollback", "gc", "recover", "run",
            "dev",
        ] {
            #expect(help.output.contains(command), "\(command)")
            let own = try InstarCommand.run([command, "--help"], json: false)
            #expect(own.status == 0 && own.output.contains("USAGE: instar \(command)"), "\(command)")
        }
        #expect(try InstarCommand.run(["update"]).status == 64)
        #expect(try InstarCommand.run(["frobnicate"]).status == 64)
    }

    @Test func `status says for people what runs, what it shares, and what a collection would free`() throws {
        let studio = try twoReleases()
        let command = ["status", "--store", studio.store.string]
        let text = try InstarCommand.run(command, json: false).output
        for words in [
            "active          2.0 (", "on trial, not confirmed yet: 0 of 3 starts crashed", "falls back to   1.0 (", ", confirmed\n",
            " shared\n", "generations, none of which `instar gc` would remove",
        ] { #expect(text.contains(words), "\(words) in \(text)") }
        let usage = try #require(try studio.status().object("usage"))
        #expect(usage.array("generations").compactMap { $0.number("generation") } == [1, 2] && usage.number("freed") == 0)
    }

    @Test func `status tells starts that still run from those whose process is gone`() throws {
        let studio = try Studio()
        try studio.publish("1.0", ["main.py": "raise SystemError('broken')", "instar.json": #"{"entry": {"script": "main.py"}}"#])
        try studio.updated()
        #expect(try studio.onStore("run").status == 1)
        let text = try InstarCommand.run(["status", "--store", studio.store.string], json: false).output
        #expect(text.contains("0 of 3 starts crashed, 0 running, 1 ended without a word, which the next launch judges"), "\(text)")
        let trial = try studio.status().object("trial")
        #expect(trial?.number("openStarts") == 1 && trial?.number("endedStarts") == 1)
    }

    @Test func `status names a release whose staging was cut off, and what to do`() throws {
        let studio = try twoReleases()
        #expect(try studio.status().object("usage")?.has("unfinished") == false)
        let digest = String(repeating: "ab", count: 32)
        let tree = studio.store.appending("staging/\(digest)/tree")
        try FileManager.default.createDirectory(atPath: tree.string, withIntermediateDirectories: true)
        try Data(repeating: 1, count: 65_536).write(to: URL(fileURLWithPath: tree.appending("data").string))
        let text = try InstarCommand.run(["status", "--store", studio.store.string], json: false).output
        #expect(text.contains("unfinished      abababababab, 65.5 kB: an update is at work or was cut off"), "\(text)")
        #expect(text.contains("the next `instar update` goes on from there"), "\(text)")
        let unfinished = try studio.status().object("usage")?.object("unfinished")
        #expect(unfinished?.string("digest") == digest && unfinished?.number("bytes") == 65_536)
    }

    @Test func `status says where a rollback leads that never proved itself`() throws {
        let studio = try twoReleases()
        #expect(try studio.onStore("rollback").status == 0)
        let text = try InstarCommand.run(["status", "--store", studio.store.string], json: false).output
        #expect(text.contains("falls back to   2.0 (") && text.contains(", never confirmed\n"), "\(text)")
    }

    @Test func `verify of an empty store says which one, and what to do`() throws {
        let folder = TemporaryFolder()
        let store = folder.path.appending("store")
        let found = try InstarCommand.run(["verify", "--store", store.string])
        #expect(found.status == 66)
        #expect(found.last.string("message") == "nothing is installed in \(store): run an update first")
    }

    @Test func `verify tells a person what is wrong, where, and what to do`() throws {
        let studio = try twoReleases()
        let folder = FilePath(try studio.activePath())
        try FileManager.default.removeItem(atPath: folder.appending("data.txt").string)
        try setPermissions(folder.appending("main.py"), 0o666)
        try Data("mod".utf8).write(to: URL(fileURLWithPath: folder.appending("mod.pak").string))
        let found = try InstarCommand.run(["verify", "--store", studio.store.string], json: false)
        #expect(found.status == 65)
        #expect(found.output == "missing      data.txt\npermissions  main.py\nforeign      mod.pak\n")
        #expect(found.errors.contains("of 2 paths, 1 missing, 1 with wrong permissions: `instar verify --repair --url …`"))
        #expect(found.errors.contains("1 foreign file (mods, saves, caches): left alone"))
        #expect(try studio.onStore("verify").last.string("kind") == "damaged")
    }

    @Test func `a damaged state is refused with its remedy, which brings the game back offline`() throws {
        let studio = try twoReleases()
        studio.server.stop()
        let state = URL(fileURLWithPath: studio.store.appending("state").string)
        try Data("{}".utf8).write(to: state)
        let refused = try studio.onStore("status")
        #expect(refused.status == 65)
        #expect(refused.last.string("message")?.contains("`instar recover`") == true)
        let recovered = try studio.onStore("recover")
        #expect(recovered.status == 0 && recovered.last.strings("listed") == ["1.0", "2.0"])
        #expect(try studio.activeTree() == studio.tree("2.0"))
        #expect(try studio.onStore("recover").last.bool("needed") == false)
    }

    /// A store with 1.0 confirmed and 2.0 on trial.
    private func twoReleases() throws -> Studio {
        let studio = try Studio()
        try studio.publish("1.0", one)
        try studio.updated()
        #expect(try studio.onStore("confirm").status == 0)
        try studio.publish("2.0", two)
        try studio.updated()
        return studio
    }
}
