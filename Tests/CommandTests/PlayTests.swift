import Foundation
import InstarServing
import SystemPackage
import TestSupport
import Testing

/// The garden under `instar run`: a real game in a real interpreter.
@Suite struct PlayTests {
    @Test func `the demo keeps every promise`() throws {
        let folder = TemporaryFolder()
        let output = folder.path.appending("output")
        let ending = try ChildProcess.run(
            "python3", [Products.packageFolder.appending("scripts/demo.py").string, Products.path("instar").string], output: output)
        let story = try String(contentsOfFile: output.string, encoding: .utf8)
        #expect(ending == .exit(0), "\(story)")
    }

    @Test func `a game that ends with an exception while on trial has crashed, one that quits early has not`() throws {
        let studio = try Studio()
        let configuration = #"{"entry": {"script": "main.py"}}"#
        try studio.publish("1.0", ["main.py": "pass", "instar.json": configuration])
        try studio.updated()
        for _ in 0..<4 { #expect(try studio.onStore("run").status == 0) }
        #expect(try studio.onStore("confirm").status == 0)
        try studio.publish("2.0", ["main.py": "raise SystemError('broken at start')", "instar.json": configuration])
        try studio.updated()
        for start in 1...3 {
            let crashed = try studio.onStore("run")
            #expect(crashed.status == 1 && crashed.errors.contains("broken at start"), "start \(start)")
        }
        let next = try studio.onStore("run")
        #expect(next.status == 0)
        let status = try studio.status()
        #expect(status.object("active")?.string("version") == "1.0")
        #expect(status.array("banned").map { $0.string("version") } == ["2.0"])
    }

    @Test func `a game sees its arguments, its assets and its exit status`() throws {
        let studio = try Studio()
        let game = """
            import os, sys
            from lib import tools
            print(sys.argv[1:], open(os.path.join(os.path.dirname(__file__), "data.txt")).read(), tools.NAME)
            sys.exit(7)
            """
        try studio.publish(
            "1.0",
            ["main.py": game, "lib/tools.py": "NAME = 'tools'", "data.txt": "asset", "instar.json": #"{"entry": {"script": "main.py"}}"#])
        try studio.updated()
        let played = try InstarCommand.run(["run", "--store", studio.store.string, "--", "--level", "3"], json: false)
        #expect(played.status == 7)
        #expect(played.output == "['--level', '3'] asset tools\n")
        #expect(try studio.onStore("verify").status == 0, "the interpreter wrote into the generation")
    }

    @Test(arguments: [0, 20]) func `a game that ends with an update prepared and not polled for ends well, and takes it at the next launch`(
        polls: Int
    ) throws {
        let studio = try Studio()
        let game = """
            import instar, sys, time
            from lib import actors
            while not instar.status()["running"] or instar.status()["active"]["version"] == "1.0":
                instar.update()
                time.sleep(0.05)
            print("running", instar.status()["running"]["version"], actors.NAME)
            """
        let configuration = #"{"entry": {"script": "main.py"}, "modules": [{"files": ["lib/**.py"]}]}"#
        let one = ["main.py": game, "lib/actors.py": "NAME = 'one'", "instar.json": configuration]
        try studio.publish("1.0", one)
        try studio.updated()
        #expect(try studio.onStore("confirm").status == 0)
        try studio.publish("2.0", one.merging(["lib/actors.py": "NAME = 'two'"]) { $1 })
        let played = try InstarCommand.run(
            ["run", "--store", studio.store.string, "--url", studio.server.url, "--check-every", "0.\(polls + 1)"], json: false)
        #expect(played.ending == .exit(0), "\(played.ending) \(played.errors)")
        #expect(played.output == "running 1.0 one\n")
        let status = try studio.status()
        #expect(status.object("active")?.string("version") == "2.0" && status.object("trial")?.number("crashes") == 0)
    }

    @Test func `a release without an entry point says what to do`() throws {
        let studio = try Studio()
        try studio.publish("1.0", ["data.txt": "x"])
        try studio.updated()
        let refused = try studio.onStore("run")
        #expect(refused.status == 64 && refused.last.string("message")?.contains("entry") == true)
    }

    @Test func `an empty store is filled first where there is an address`() throws {
        let studio = try Studio()
        try studio.publish("1.0", ["main.py": "print('played')", "instar.json": #"{"entry": {"script": "main.py"}}"#])
        let played = try studio.onStore("run", "--url", studio.server.url, "--root", studio.root.string)
        #expect(played.status == 0 && played.output.contains("played"), "\(played.ending) \(played.output) \(played.errors)")
    }
}
