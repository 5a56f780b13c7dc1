import Foundation
import SystemPackage
import TestSupport
import Testing

/// `instar dev --watch`: a game whose files are edited while it runs.
@Suite struct WatchTests {
    /// A game that says what its function answers, once a frame, until it is interrupted.
    private static let game = """
        import instar, sys, time
        import m
        try:
            while True:
                instar.poll()
                print(m.f(), flush=True)
                time.sleep(0.01)
        finally:
            print('saved', flush=True)
        """

    @Test(arguments: Python.all) func `an edit is applied at the next poll, a failing one is shown, and Ctrl-C ends the game`(
        python: Python
    )
        throws
    {
        let folder = TemporaryFolder()
        try folder.write("game/main.py", Array(Self.game.utf8))
        try folder.write("game/m.py", Array("def f(): return 'first'\n".utf8))
        let (output, errors) = (folder.path.appending("output"), folder.path.appending("errors"))
        let process = try ChildProcess(
            "timeout",
            [
                "--foreground", "60", Products.path("instar").string, "dev", "--watch", "--python", python.path,
                folder.path.appending("game").string, "main.py",
            ], environment: ["LANG": "C.UTF-8"], output: output, errors: errors)
        func edit(_ text: String) throws { try self.edit(folder, "m.py", text) }

        try expectText(output, "first\n")
        try edit("def f(): return 'second one'\n")
        try expectText(output, "second one\n")
        try expectText(errors, "reloaded m; the game paused for ")
        try expectText(errors, "[U] m.f : function")

        try edit("def f(): return 'third'\nraise ValueError('edited wrong')\n")
        try expectText(errors, "m.py\", line 2, in <module>\n    raise ValueError('edited wrong')")
        try edit("def f(:\n")
        try expectText(errors, "def f(:\n")
        try edit("def f(): return 'fourth'\n")
        try expectText(output, "fourth\n")
        let said = try String(contentsOfFile: output.string, encoding: .utf8)
        #expect(!said.contains("third"), "code of a refused edit ran")

        process.signal(SIGINT)
        let ending = process.wait()
        #expect(ending == .signal(SIGINT) || ending == .exit(128 + SIGINT), "\(ending)")
        #expect(try String(contentsOfFile: output.string, encoding: .utf8).hasSuffix("saved\n"))
        #expect(try String(contentsOfFile: errors.string, encoding: .utf8).contains("KeyboardInterrupt"))
    }

    @Test func `a folder that is new is watched as well, and machines read what happened`() throws {
        let folder = TemporaryFolder()
        let game = """
            import instar, sys, time
            import m
            said = None
            while said != 'edited':
                instar.poll()
                if m.f() != said:
                    said = m.f()
                    print(said, file=sys.stderr, flush=True)
                time.sleep(0.01)
            """
        try folder.write("game/main.py", Array(game.utf8))
        try folder.write("game/m.py", Array("def f(): return 'old'\n".utf8))
        let (output, errors) = (folder.path.appending("output"), folder.path.appending("errors"))
        let process = try ChildProcess(
            "timeout",
            [
                "60", Products.path("instar").string, "dev", "--watch", "--json", "--python", Python.any.path,
                folder.path.appending("game").string, "main.py",
            ], environment: ["LANG": "C.UTF-8"], output: output, errors: errors)
        try expectText(errors, "old\n")
        try folder.write("game/pack/n.py", Array("def g(): return 'new'\n".utf8))
        try edit(folder, "m.py", "from pack.n import g\ndef f(): return g()\n")
        try expectText(errors, "new\n")
        try edit(folder, "pack/n.py", "def g(): return 'edited'\n")
        let ending = process.wait()
        let events = JSONLine.lines(of: try String(contentsOfFile: output.string, encoding: .utf8))
        #expect(ending == .exit(0))
        #expect(events.map { $0.string("event") } == ["reloaded", "reloaded"])
        #expect(events.map { $0.string("modules") } == ["m", "pack.n"])
    }

    @Test(arguments: Python.all) func `a plan or reload below a root leaves modules elsewhere alone`(python: Python) throws {
        try expectReload(
            ["one/a.py": "def f(): return 1\n", "two/b.py": "def f(): return 1\n"],
            """
            sys.path += [os.path.join(HERE, 'one'), os.path.join(HERE, 'two')]
            import a, b, pathlib
            write('one/a.py', 'def f(): return 22'); write('two/b.py', 'def f(): return 22')
            one = os.path.join(HERE, 'one')
            assert list(instar.plan(root=one)['modules']) == ['a'] and a.f() == b.f() == 1
            assert set(instar.plan()['modules']) == {'a', 'b'}
            os.symlink(one, os.path.join(HERE, 'link'))
            assert list(reload(root=pathlib.Path(HERE, 'link'))['modules']) == ['a'] and (a.f(), b.f()) == (22, 1)
            assert reload(root=one)['modules'] == {}
            assert list(reload(root=os.path.join(HERE, 'tw'))['modules']) == [], 'two is not below tw'
            assert list(reload()['modules']) == ['b'] and b.f() == 22
            """, on: python)
    }

    /// As editors do it: nobody meets half a file.
    private func edit(_ folder: TemporaryFolder, _ path: String, _ text: String) throws {
        let new = try folder.write("new", Array(text.utf8))
        guard rename(new.string, folder.path.appending("game").appending(path).string) == 0 else { throw Errno(rawValue: errno) }
    }

    private func expectText(_ file: FilePath, _ text: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        var content = ""
        for _ in 0..<3000 {
            content = try String(contentsOfFile: file.string, encoding: .utf8)
            if content.contains(text) { return }
            usleep(10_000)
        }
        Issue.record("no \(text) in \(content.suffix(2000))", sourceLocation: sourceLocation)
    }
}
