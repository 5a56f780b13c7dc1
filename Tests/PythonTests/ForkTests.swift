import Foundation
import InstarServing
import SystemPackage
import TestSupport
import Testing

/// Programs that fork: the child has none of the other threads, and must meet nothing that they held.
@Suite struct ForkTests {
    @Test(arguments: HostPython.all) func `a forked child leaves the store to its parent`(python: HostPython) throws {
        let studio = try Studio()
        try studio.publish("1.0", ["m.py": "def f(): return 1\n"])
        try studio.updated()
        let played = try Host(python).run(
            """
            sys.path.insert(0, instar.open(sys.argv[1], url=sys.argv[2], root=sys.argv[3], check_every=0.1))
            import m
            child = os.fork()
            if child == 0:
                try:
                    assert instar.poll() is None and instar.reload(['m']) is not None
                    try: instar.confirm()
                    except instar.UpdateError as error: assert 'forked' in str(error)
                    else: os._exit(4)
                except BaseException as error:
                    print(repr(error), file=sys.stderr); os._exit(3)
                sys.exit(0)
            assert os.waitpid(child, 0)[1] == 0
            assert instar.status()['trial']['openStarts'] == 1, instar.status()
            """, [studio.store.string, studio.server.url, studio.root.string], warnings: "ignore")
        #expect(played.ending == .exit(0) && played.errors.isEmpty, "\(played.errors)")
        #expect(try studio.status().object("trial")?.number("openStarts") == 0)
    }

    @Test(arguments: HostPython.all) func `at the moment of a fork no thread of the background does anything`(python: HostPython) throws {
        let studio = try Studio()
        try studio.publish("1.0", ["m.py": "def f(): return 1\n"])
        try studio.updated()
        // What is registered first is called last: the process is looked at right before it forks.
        let played = try Host(python).run(
            """
            def threads():
                found = {}
                for thread in os.listdir('/proc/self/task'):
                    try: name = open(f'/proc/self/task/{thread}/comm').read().strip()
                    except OSError: continue
                    state = open(f'/proc/self/task/{thread}/stat').read().rsplit(')', 1)[1].split()[0]
                    if name.startswith('instar'): found[name] = state
                return found
            seen = []
            sys.path.insert(0, instar.open(sys.argv[1], url='http://127.0.0.1:%d' % silent, root=sys.argv[3], check_every=0.1))
            import m
            # A server that never answers keeps the background in the middle of a check.
            end = time.time() + 30
            while 'instar-transfer' not in threads() and time.time() < end: time.sleep(0.001)
            assert 'instar-transfer' in threads()
            children = []
            for _ in range(20):
                child = os.fork()
                if child == 0:
                    good = instar.poll() is None and instar.reload(['m'])['modules'].keys() == {'m'} and m.f() == 1
                    os._exit(0 if good else 3)
                children.append(os.waitpid(child, 0)[1])
                time.sleep(0.01)
            assert children == [0] * 20, children
            assert seen == [{'instar-checks': 'S'}] * 20, seen
            # The parent goes on checking.
            end = time.time() + 30
            while 'instar-transfer' not in threads() and time.time() < end: time.sleep(0.001)
            assert 'instar-transfer' in threads()
            """, [studio.store.string, studio.server.url, studio.root.string], warnings: "ignore",
            before: """
                import os, socket
                listener = socket.create_server(('127.0.0.1', 0))
                silent = listener.getsockname()[1]
                def look():
                    # Nothing wakes the thread that waits, so it falls asleep if it has not yet.
                    end = time.time() + 30
                    while set(threads().values()) != {'S'} and time.time() < end: pass
                    seen.append(threads())
                os.register_at_fork(before=look)

                """)
        #expect(played.ending == .exit(0) && played.errors.isEmpty, "\(played.errors)")
    }

    @Test(arguments: HostPython.all) func `a program may fork at any step of an update`(
        python: HostPython
    ) throws {
        let studio = try Studio()
        let configuration = #"{"modules": [{"files": ["**.py"]}]}"#
        try studio.publish("1.0", ["instar.json": configuration, "m.py": "def f(): return 1\n"])
        try studio.updated()
        #expect(try studio.onStore("confirm").status == 0)
        try studio.publish(
            "2.0", ["instar.json": configuration, "m.py": "import sys, time\nsys.began = True\ntime.sleep(0.3)\ndef f(): return 2\n"])
        let played = try Host(python).run(
            """
            import gc
            events = os.path.join(HERE, 'events')
            sys.path.insert(0, instar.open(sys.argv[1], url=sys.argv[2], root=sys.argv[3], check_every=0.1, events=events))
            write('local.py', 'def g(): return 1\\n')
            import m, local
            def fork():
                child = os.fork()
                if child == 0:
                    try:
                        assert gc.isenabled() and m.f() == expected and type(m) is type(sys)
                        assert instar.poll() is None and instar.reload(['local']) and local.g() == 1
                    except BaseException as error:
                        print(repr(error), file=sys.stderr); os._exit(3)
                    os._exit(0)
                assert os.waitpid(child, 0)[1] == 0
            expected = 1
            end = time.time() + 60
            while not hasattr(sys, 'began') and time.time() < end: time.sleep(0.001)
            fork()
            while '"ready"' not in open(events).read() and time.time() < end: time.sleep(0.01)
            fork()
            update = None
            while update is None and time.time() < end: update = instar.poll()
            assert m.f() == 2
            expected = 2
            write('local.py', 'import sys, time\\nsys.reloading = True\\ntime.sleep(0.3)\\ndef g(): return 1\\n')
            thread = threading.Thread(target=instar.reload, args=(['local'],))
            thread.start()
            while not hasattr(sys, 'reloading') and time.time() < end: time.sleep(0.001)
            fork()
            thread.join()
            """, [studio.store.string, studio.server.url, studio.root.string], warnings: "ignore")
        #expect(played.ending == .exit(0) && played.errors.isEmpty, "\(played.errors)")
        #expect(try studio.status().array("banned").isEmpty)
    }

    @Test func `a forked child of a game that instar runs ends without a word to the store`() throws {
        let studio = try Studio()
        try studio.publish(
            "1.0",
            [
                "instar.json": #"{"entry": {"script": "main.py"}}"#,
                "main.py": """
                import instar, os, sys
                child = os.fork()
                if child == 0: sys.exit(0)
                status = os.waitpid(child, 0)[1]
                assert status == 0, status
                assert instar.status()['trial']['openStarts'] == 1, instar.status()
                """,
            ])
        try studio.updated()
        let events = studio.folder.path.appending("events")
        let played = try InstarCommand.run(
            [
                "run", "--store", studio.store.string, "--url", studio.server.url, "--root", studio.root.string, "--check-every", "0.1",
                "--events", events.string, "--python", Python.any.path,
            ], json: false)
        #expect(played.status == 0, "\(played.errors)")
        let ends = try String(contentsOfFile: events.string, encoding: .utf8).split(separator: "\n").filter { $0.contains(#""ended""#) }
        #expect(ends.count == 1)
    }
}
