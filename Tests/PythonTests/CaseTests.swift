import Foundation
import Testing

/// Each file in `Cases` is a game that changes its own source while it runs, and asserts what the contract says. Sections
/// that begin with `#### ` are games of their own, one after another in the same interpreter, each in its own directory.
@Suite struct CaseTests {
    static let cases: [String] = {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
        return files.filter { $0.hasSuffix(".py") }.sorted()
    }()

    private static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Cases")

    @Test func `there are cases and interpreters to run them on`() {
        #expect(Self.cases.count > 20)
        #expect(!Python.all.isEmpty)
    }

    @Test(arguments: cases, Python.all) func `a game that is updated while it runs`(file: String, python: Python) throws {
        let script = try String(contentsOf: Self.directory.appendingPathComponent(file), encoding: .utf8)
        try expectReload(["case.py": script], Self.runner, on: python)
    }

    /// Runs the sections of `case.py`; `# needs 3.12` at the top of one leaves it to later interpreters.
    private static let runner = """
        import gc, re
        text = read('case.py')
        parts = re.split(r'^#### (.*)\\n', text, flags=re.M)
        ROOT, PATH, THRESHOLD = HERE, list(sys.path), gc.get_threshold()
        def belongs(module):
            places = [getattr(module, '__file__', None)] + list(getattr(module, '__path__', None) or [])
            return any(place and place.startswith(ROOT) for place in places)
        for number, (title, body) in enumerate(list(zip(parts[1::2], parts[2::2])) or [('case.py', text)]):
            needs = re.match(r'# needs 3\\.(\\d+)', body)
            if needs and sys.version_info < (3, int(needs[1])): continue
            HERE = os.path.join(ROOT, 'section%d' % number)
            os.makedirs(HERE)
            sys.path[:] = [HERE] + PATH
            scope = dict(globals())
            try: exec(compile(body, title, 'exec'), scope)
            except BaseException:
                print('section:', title, file=sys.stderr)
                raise
            for name in [name for name, module in list(sys.modules.items()) if name != '__main__' and belongs(module)]:
                del sys.modules[name]
            gc.enable(); gc.unfreeze(); sys.settrace(None); os.chdir('/')
        """
}
