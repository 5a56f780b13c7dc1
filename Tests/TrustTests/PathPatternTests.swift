import InstarTrust
import Testing

@Suite struct PathPatternTests {
    @Test(arguments: [
        ("*", "a", true), ("*", "", true), ("*", "a/b", false), ("a/*", "a/b", true), ("a/*", "a/b/c", false), ("*/*", "a/b", true),
        ("*.py", "x.py", true),
        ("*.py", "x.pyc", false), ("?", "é", true), ("?", "ab", false), ("?", "", false), ("[abc]", "b", true), ("[a-c]x", "bx", true),
        ("[!a-c]", "b", false),
        ("[!a-c]", "d", true), ("[]]", "]", true), ("[a", "[a", true), ("[", "[", true), ("a*b*c", "aXbYc", true),
        ("a*b*c", "aXcYb", false), ("**", "abc", true),
        ("a/", "a/", true), ("a/", "a", false), ("releases/x/*", "releases/x/x_v1", true), ("", "", true), ("", "a", false),
        ("a[z-a]", "az", false),
        ("*a*", "bab", true), ("*ab", "aab", true),
    ]) func `patterns match as shells do`(pattern: String, path: String, expected: Bool) {
        #expect(PathPattern(ByteText(pattern)).matches(ByteText(path)) == expected)
    }

    @Test func `a pattern of stars does not take years`() {
        let pattern = PathPattern(ByteText(String(repeating: "a*", count: 500) + "b"))
        #expect(!pattern.matches(ByteText(String(repeating: "a", count: 4000))))
    }
}
