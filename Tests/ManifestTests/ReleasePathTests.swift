import InstarManifest
import Testing

struct ReleasePathTests {
    @Test(arguments: [
        "a", "a/b/c.txt", "data/level 1.txt", "é/ü.png", "日本語/ファイル.txt", ".hidden", "a..b", "...a", "COM10", "CONSOLE", "nul_", "x/con_",
        "file.con",
        "🎮/save.dat", "a'b", "a&b;c", "~", "-rf",
    ])
    func `ordinary paths are allowed`(path: String) throws {
        #expect(try ReleasePath(path).description == path)
    }

    @Test(arguments: [
        ("", PathError.Reason.empty), ("/a", .absolute), ("C:/a", .absolute), ("C:a", .absolute), ("a//b", .emptyPart), ("a/", .emptyPart),
        (".", .dotPart), ("a/..", .dotPart), ("../a", .dotPart), ("a/./b", .dotPart), ("a\\b", .backslash), ("a\nb", .controlCharacter),
        ("a\u{0}b", .controlCharacter), ("a\u{7F}", .controlCharacter), ("a\u{85}b", .controlCharacter), ("a<b", .reservedCharacter("<")),
        ("a|b", .reservedCharacter("|")), ("ab:c", .reservedCharacter(":")), ("x/NUL", .reservedName("NUL")), ("con", .reservedName("CON")),
        ("con.txt", .reservedName("CON")), ("Com1.tar.gz", .reservedName("COM1")), ("lpt9 .x", .reservedName("LPT9")),
        ("com\u{B9}", .reservedName("COM\u{B9}")), ("conin$", .reservedName("CONIN$")), ("a.", .trailingDotOrSpace),
        ("a /b", .trailingDotOrSpace),
        ("e\u{301}", .notNFC), (String(repeating: "x", count: 256), .tooLong), (String(repeating: "x/", count: 600) + "x", .tooLong),
    ])
    func `each rule has its own reason`(path: String, reason: PathError.Reason) {
        #expect(throws: PathError(path: path, reason: reason)) { try ReleasePath(path) }
    }

    @Test func `paths sort bytewise`() throws {
        let paths = try ["b", "a/b", "a-b", "a", "é", "Z"].map { try ReleasePath($0) }.sorted().map(\.description)
        #expect(paths == ["Z", "a", "a-b", "a/b", "b", "é"])
    }

    private func register(_ paths: [String]) throws {
        var register = PathRegister()
        for path in paths { try register.insert(try ReleasePath(path)) }
    }

    @Test(arguments: [
        ["a", "b", "a.txt"], ["a/x", "a/y", "b/x"], ["data/a", "data/b/c", "data2/a"], ["ss", "s/s"],
    ])
    func `paths that can live together are accepted`(paths: [String]) throws {
        try register(paths)
    }

    @Test(arguments: [
        (["A", "a"], PathError.Reason.sameIgnoringCase(as: "A")), (["straße", "STRASSE"], .sameIgnoringCase(as: "straße")),
        (["Data/a", "data/b"], .sameIgnoringCase(as: "Data")), (["a", "a/b"], .fileAndFolder(at: "a")),
        (["a/b", "a"], .fileAndFolder(at: "a")),
        (["a", "A/b"], .sameIgnoringCase(as: "a")), (["a", "a"], .duplicate), (["É", "é"], .sameIgnoringCase(as: "É")),
        (["x/k", "x/\u{212A}"], .notNFC),
    ])
    func `paths that exclude each other are refused, whatever their order`(paths: [String], reason: PathError.Reason) {
        #expect {
            try register(paths)
        } throws: { error in
            (error as? PathError)?.reason == reason
        }
    }

    @Test(arguments: [
        ("a/link", "../b", true), ("link", "a/b", true), ("a/b/link", "../../c", true), ("link", "../b", false),
        ("a/link", "../../b", false),
        ("link", "/etc/passwd", false), ("link", "", false), ("link", "a/../b", false), ("a/link", "b/../../..", false),
        ("link", "a\\b", false),
        ("link", "./a", true), ("link", "C:x", false), ("link", "a\nb", false),
    ])
    func `a link is allowed exactly where it stays inside`(path: String, target: String, isAllowed: Bool) throws {
        #expect(try ReleasePath(path).allowsLink(to: target) == isAllowed)
    }

    @Test func `an error shows control characters instead of sending them to the terminal`() {
        let error = PathError(path: "a\u{1B}[31m\u{202E}b", reason: .controlCharacter)
        #expect(!error.description.contains("\u{1B}"))
        #expect(!error.description.unicodeScalars.contains("\u{202E}"))
    }
}
