import Foundation
import InstarServing
import SystemPackage
import TestSupport
import Testing

/// `import instar` in an ordinary `python3`: nothing started it, and nothing but it knows of the module.
@Suite struct HostTests {
    @Test func `there are interpreters to import the module`() {
        #expect(HostPython.all.count > 1)
    }

    @Test(arguments: HostPython.all) func `a program reloads what was edited, and goes on with the old code where that fails`(
        python: HostPython
    ) throws {
        let result = try Host(python).run(
            """
            write('m.py', 'COUNT = 1\\ndef f(): return "old"\\nclass C:\\n    def g(self): return "old"\\n')
            import m
            from m import f, C
            c = C(); bound = c.g
            write('m.py', 'COUNT = 2\\ndef f(): return "new one"\\nclass C:\\n    def g(self): return "new one"\\n')
            assert instar.plan()['modules'].keys() == {'m'} and f() == 'old'
            assert instar.reload(root=HERE)['modules']['m']['updated'] == ['f', 'C', 'C.g']
            assert f() == bound() == C().g() == 'new one' and m.COUNT == 1 and instar.reload()['modules'] == {}
            for bad in ('def f(:', 'def f(): return 3\\n1/0\\n', 'raise SystemExit(3)'):
                write('m.py', bad)
                error = refused(['m'])
                assert error.module == 'm' and error.trace and error.__cause__ is not None
                assert f() == bound() == 'new one'
            for wrong in (lambda: instar.reload(1), lambda: instar.reload(['m'], 2), lambda: instar.plan(what=1), lambda: instar.open()):
                try: wrong()
                except (TypeError, instar.UpdateError) as error: assert str(error)
                else: raise AssertionError('a wrong call was taken')
            assert instar.poll() is None and instar.close() is None
            try: instar.check()
            except instar.UpdateError as error: assert 'instar.open' in str(error)
            """)
        #expect(result.ending == .exit(0) && result.errors.isEmpty, "\(result.errors)")
    }

    @Test(arguments: HostPython.all) func `a program plays its store, takes a release at its safe point, and goes back`(
        python: HostPython
    ) throws {
        let studio = try Studio()
        let configuration = #"{"modules": [{"files": ["game/**.py"]}], "hooks": {"class": "on_update"}}"#
        func release(_ version: Int, _ more: String = "") -> [String: String] {
            [
                "instar.json": configuration, "game/__init__.py": "",
                "game/actors.py": "VERSION = \(version)\nclass Actor:\n    def speak(self): return \(version)\n"
                    + "    def on_update(self): self.hooked = \(version)\n"
                    + "def make(n):\n    class Made:\n        def old(self): return \(version), n\n"
                    + "        def new\(version)(self): return n\n    return Made\n" + more,
            ]
        }
        try studio.publish("1.0", release(1))
        try studio.updated()
        #expect(try studio.onStore("confirm").status == 0)
        try studio.publish("2.0", release(2))
        let arguments = [studio.store.string, studio.server.url, studio.root.string]
        let host = try Host(python)
        let played = try host.run(
            """
            path = instar.open(sys.argv[1], url=sys.argv[2:3], root=sys.argv[3], check_every=0.1, events=os.path.join(HERE, 'events'))
            assert not os.listdir(os.path.join(path, 'game')).count('__pycache__')
            sys.path.insert(0, path)
            from game.actors import Actor
            import game.actors
            actor = Actor()
            made = game.actors.make(7)()
            assert made.old() == (1, 7) and made.new1() == 7
            for _ in range(50): game.actors.make(8)  # gone before the update is in place
            assert actor.speak() == 1 and instar.status()['running']['version'] == '1.0' and instar.check()['version'] == '2.0'
            end = time.time() + 30
            update = None
            while update is None and time.time() < end:
                update = instar.poll()
                time.sleep(0.01)
            assert update['version'] == '2.0' and update['from'] == '1.0' and update['path'] != path, update
            assert actor.speak() == 2 and actor.hooked == 2 and game.actors.VERSION == 1
            assert made.old() == (2, 7) and made.new2() == 7 and not hasattr(made, 'new1')
            assert game.actors.__file__.startswith(update['path']) and update['path'] in sys.path and path not in sys.path
            assert instar.status()['trial'] is not None
            instar.confirm()
            assert instar.status()['trial'] is None
            instar.rollback()
            status = instar.status()
            assert status['active']['version'] == '1.0' and status['running']['version'] == '2.0', status
            try: instar.open(sys.argv[1])
            except instar.UpdateError as error: print('open twice:', error)
            instar.close()
            print(open(os.path.join(HERE, 'events')).read()) if sys.argv[4:] else None
            """, arguments)
        #expect(played.ending == .exit(0) && played.errors.isEmpty, "\(played.output)\(played.errors)")
        #expect(played.output.contains("open twice"))
        let events = try String(contentsOfFile: host.directory.appending("events").string, encoding: .utf8)
        #expect(events.contains(#""event":"applied""#) && events.contains(#""event":"ended","status":0"#), "\(events)")
        #expect(try studio.onStore("verify").status == 0, "the interpreter wrote into the generation")
    }

    @Test(arguments: HostPython.all) func `a release whose code fails is refused while the program runs on, and banned`(python: HostPython)
        throws
    {
        let studio = try Studio()
        let configuration = #"{"modules": [{"files": ["**.py"]}]}"#
        try studio.publish("1.0", ["instar.json": configuration, "m.py": "def f(): return 1\nclass C: pass\nLIVE = []\n"])
        try studio.updated()
        #expect(try studio.onStore("confirm").status == 0)
        try studio.publish(
            "2.0",
            ["instar.json": configuration, "m.py": "import time\ndef f(): return 2\nclass C: pass\nLIVE = []\ntime.sleep(0.1)\n1/0\n"])
        // Meanwhile the program makes objects of its own, of the very classes that the new code would define.
        let played = try Host(python).run(
            """
            path = instar.open(sys.argv[1], url=sys.argv[2], root=sys.argv[3], check_every=0.1)
            sys.path.insert(0, path)
            import m
            busy = threading.Event()
            def work():
                while not busy.is_set(): sum(range(1000))
            threads = [threading.Thread(target=work) for _ in range(3)]
            for thread in threads: thread.start()
            end = time.time() + 30
            made = 0
            while not instar.status()['banned'] and time.time() < end:
                assert instar.poll() is None
                m.LIVE.append(m.C()); made += 1
                time.sleep(0.001)
            busy.set()
            for thread in threads: thread.join()
            assert [ban['version'] for ban in instar.status()['banned']] == ['2.0']
            assert m.f() == 1 and len(m.LIVE) == made and {type(c) for c in m.LIVE} == {m.C}, (made, len(m.LIVE))
            assert instar.status()['active']['version'] == '1.0'
            """, [studio.store.string, studio.server.url, studio.root.string])
        #expect(played.ending == .exit(0) && played.errors.isEmpty, "\(played.errors)")
    }

    @Test(arguments: HostPython.all) func `a program ends at once, whatever the background is doing`(python: HostPython) throws {
        let studio = try Studio()
        let configuration = #"{"modules": [{"files": ["**.py"]}]}"#
        try studio.publish("1.0", ["instar.json": configuration, "m.py": "def f(): return 1\n"])
        try studio.updated()
        #expect(try studio.onStore("confirm").status == 0)
        // Its load never ends.
        try studio.publish("2.0", ["instar.json": configuration, "m.py": "import sys\nsys.began = True\nwhile True: pass\n"])
        let played = try Host(python).run(
            """
            sys.path.insert(0, instar.open(sys.argv[1], url=sys.argv[2], root=sys.argv[3], check_every=0.1))
            import m
            end = time.time() + 30
            while not hasattr(sys, 'began') and time.time() < end: time.sleep(0.01)
            assert sys.began and m.f() == 1
            """, [studio.store.string, studio.server.url, studio.root.string])
        #expect(played.ending == .exit(0) && played.errors.isEmpty, "\(played.errors)")
        #expect(try studio.status().array("banned").isEmpty, "the end of the program was taken for a fault of the release")
    }

    @Test func `a program that dies of an exception while on trial has crashed, one that quits early has not`() throws {
        let studio = try Studio()
        try studio.publish("1.0", ["m.py": "pass"])
        try studio.updated()
        #expect(try studio.onStore("confirm").status == 0)
        try studio.publish("2.0", ["m.py": "pass"])
        try studio.updated()
        let host = try Host(.any)
        for ending in ["", "sys.exit(0)", "raise KeyboardInterrupt"] {
            _ = try host.run("instar.open(sys.argv[1])\n\(ending)\n", [studio.store.string])
            #expect(try studio.status().object("trial")?.number("crashes") == 0, "\(ending)")
        }
        for start in 1...3 {
            let died = try host.run("instar.open(sys.argv[1])\nraise ValueError('broken')\n", [studio.store.string])
            #expect(died.ending == .exit(1) && died.errors.contains("broken"), "start \(start): \(died.errors)")
        }
        let next = try host.run("print(instar.open(sys.argv[1]))", [studio.store.string], warnings: "default")
        #expect(next.ending == .exit(0) && next.errors.contains("crashed too often"), "\(next.errors)")
        #expect(try studio.status().array("banned").map { $0.string("version") } == ["2.0"])
    }

    @Test func `an empty store is filled first, and a place that cannot be one is said`() throws {
        let studio = try Studio()
        try studio.publish("1.0", ["m.py": "NAME = 'filled'"])
        let host = try Host(.any)
        let played = try host.run(
            "sys.path.insert(0, instar.open(sys.argv[1], url=sys.argv[2], root=sys.argv[3]))\nimport m\nprint(m.NAME)",
            [studio.store.string, studio.server.url, studio.root.string])
        #expect(played.ending == .exit(0) && played.output == "filled\n", "\(played.errors)")
        let empty = try host.run(
            """
            for wrong in (dict(store=os.path.join(HERE, 'nothing')), dict(store=1), dict(store=HERE, check_every='often')):
                try: instar.open(**wrong)
                except instar.UpdateError as error: print(error)
            """, [])
        #expect(empty.ending == .exit(0) && empty.output.split(separator: "\n").count == 3, "\(empty.output)\(empty.errors)")
    }
}
