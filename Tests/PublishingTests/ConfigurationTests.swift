import InstarDisk
import InstarManifest
import InstarPublishing
import SystemPackage
import Testing

struct ConfigurationTests {
    private func decode(_ text: String) throws -> PublishConfiguration {
        try PublishConfiguration(decoding: Array(text.utf8), name: "instar.json")
    }

    @Test func `all that can be said is read, with comments and trailing commas`() throws {
        let configuration = try decode(
            """
            {
              // what to start
              entry: {module: 'game'},
              hooks: {class: "on_reload"},
              modules: [
                {files: ["src/native/**"], engine: "native", restart: true},
                {files: ["src/**/*.py"], root: "src/"},
              ],
              packs: {hd: {title: "HD textures", files: ["hd/"]}},
              exclude: ["*.psd"],
              requires: {python: {minimum: "3.9", below: "3.14"}},
            }
            """)
        #expect(configuration.entry == .module("game"))
        #expect(configuration.hooks == Manifest.HookNames(module: "x_reload_module", type: "on_reload"))
        #expect(configuration.modules.map(\.engine) == ["native", "python"])
        #expect(configuration.modules.map(\.root) == ["", "src"])
        #expect(configuration.modules.map(\.needsRestart) == [true, false])
        #expect(configuration.packs == [PublishConfiguration.PackRule(name: "hd", title: "HD textures", files: [Glob("hd/")])])
        #expect(configuration.requirements == [HostRequirement(subject: "python", minimum: "3.9", below: "3.14")])
    }

    @Test(arguments: [
        "", "{", "[]", "{modules: 3}", "{entry: {module: 'a', script: 'b'}}", "{packs: {base: {files: []}}}",
        "{packs: {'a b': {files: []}}}", "{entry: {script: '../x'}}",
    ])
    func `what is wrong is said with the name of the file`(text: String) throws {
        #expect(throws: PublishError.self) { try decode(text) }
    }

    @Test func `the example that is shipped is read, and says all there is to say`() throws {
        let path = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent().appending(
            "Manifests/instar.example.json5")
        let configuration = try PublishConfiguration(decoding: DurableFile.read(path, limit: 1 << 20), name: path.string)
        #expect(configuration.modules.count == 3)
        #expect(configuration.packs.map(\.name) == ["german", "hd"])
        #expect(configuration.entry == .module("game"))
        #expect(configuration.exclude.count == 2)
        #expect(!configuration.requirements.isEmpty)
    }

    @Test func `globs match as people expect`() {
        let cases: [(pattern: String, path: String, matches: Bool)] = [
            ("*.py", "a.py", true), ("*.py", "x/y/a.py", true), ("*.py", "a.pyc", false), ("/*.py", "x/a.py", false),
            ("/*.py", "a.py", true),
            ("src/**/*.py", "src/a.py", true), ("src/**/*.py", "src/x/y/a.py", true), ("src/**/*.py", "other/a.py", false),
            ("hd/", "hd/a/b", true), ("hd/**", "hd/a", true), ("hd/**", "hd2/a", false), ("**", "a/b/c", true),
            ("a?c", "abc", true), ("a?c", "ac", false), ("[a-c]x", "bx", true), ("[!a-c]x", "bx", false), ("*a*b*", "xxaxxbxx", true),
            ("*a*b*", "xxbxxaxx", false), ("data/*.txt", "data/x/a.txt", false), ("[", "[", true),
        ]
        for each in cases { #expect(Glob(each.pattern).matches(Glob.Path(each.path)) == each.matches, "\(each)") }
    }
}
