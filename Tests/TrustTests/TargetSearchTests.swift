import InstarCryptography
import InstarTrust
import TestSupport
import Testing

@Suite struct TargetTests {
    func target(_ path: String, _ object: JSON, consistent: Bool = true) throws -> TrustedTarget? {
        let simulator = RepositorySimulator()
        simulator.edit("targets", "targets") { $0[ByteText(path)] = object }
        let metadata = try SignedMetadata(parsing: simulator.file("targets"), as: .targets, role: "targets")
        return try Targets(metadata).target(ByteText(path), consistentSnapshot: consistent)
    }

    let digest = Digest(of: [1, 2, 3])
    var entry: JSON { ["length": 3, "hashes": ["sha256": JSON("\(digest)")], "custom": ["a": 1]] }

    @Test func `the digest stands before the last part of the address`() throws {
        #expect(try target("file", entry)?.urlPath == "\(digest).file")
        #expect(try target("a/b/file", entry)?.urlPath == "a/b/\(digest).file")
        #expect(try target("a/b/file", entry, consistent: false)?.urlPath == "a/b/file")
        #expect(try target("a/", entry)?.urlPath == "a/\(digest).")
    }

    @Test(arguments: [
        ("a b", "a%20b"), ("é", "%C3%A9"), ("a?b#c", "a%3Fb%23c"), ("a%b", "a%25b"), ("a+b", "a%2Bb"), ("../x", "%2E%2E/x"),
        ("./x", "%2E/x"), ("a\\b", "a%5Cb"),
        ("a:b@c", "a:b@c"), ("\u{1}", "%01"),
    ]) func `odd characters are encoded in addresses`(path: String, expected: String) throws {
        #expect(try target(path, entry, consistent: false)?.urlPath == expected)
    }

    @Test func `what metadata says besides is kept`() throws {
        #expect(try target("file", entry)?.custom == ["a": 1])
        #expect(try target("file", entry)?.sha256 == digest)
    }

    @Test(
        arguments: [
            [:], ["length": 3], ["hashes": [:], "length": 3], ["hashes": ["md5": "00"], "length": 3],
            ["hashes": ["sha256": "00"], "length": 3],
            ["hashes": ["sha256": 1], "length": 3], ["length": -1, "hashes": ["sha256": "00"]], 1, .null,
        ] as [JSON]) func `a target without length or a digest that can be checked is refused`(object: JSON)
    {
        #expect(throws: TrustError.self) { try target("file", object) }
    }

    @Test func `a path that is not listed is absent`() throws {
        let simulator = RepositorySimulator()
        let metadata = try SignedMetadata(parsing: simulator.file("targets"), as: .targets, role: "targets")
        #expect(try Targets(metadata).target("file", consistentSnapshot: true) == nil)
    }
}

@Suite struct DelegationsTests {
    /// The roles that a targets role with these delegations trusts with a path.
    func roles(_ path: String, _ delegations: JSON) throws -> [String] {
        let simulator = RepositorySimulator()
        simulator["targets"]["delegations"] = delegations
        let metadata = try SignedMetadata(parsing: simulator.file("targets"), as: .targets, role: "targets")
        return try Targets(metadata).delegations.delegations(for: ByteText(path)).map { "\($0.role)" }
    }

    func bins(_ bits: Int64) -> JSON {
        ["keys": [:], "succinct_roles": ["keyids": [], "threshold": 1, "bit_length": .integer(bits), "name_prefix": "bin"]]
    }

    func edge(_ name: String, _ members: (ByteText, JSON)...) -> JSON {
        var object: JSONObject = ["name": JSON(name), "keyids": [], "threshold": 1, "terminating": false]
        for (key, value) in members { object[key] = value }
        return .object(object)
    }

    /// The digest of `file` begins with 3b9c358f.
    @Test(arguments: [
        (1, "bin-0"), (2, "bin-0"), (3, "bin-1"), (4, "bin-3"), (5, "bin-07"), (8, "bin-3b"), (9, "bin-077"), (16, "bin-3b9c"),
        (32, "bin-3b9c358f"),
    ])
    func `hashed bins have names of one width`(bits: Int64, expected: String) throws {
        #expect("\(Digest(of: Array("file".utf8)))".hasPrefix("3b9c358f"))
        #expect(try roles("file", bins(bits)) == [expected])
    }

    @Test(arguments: [0, 33, -1]) func `hashed bins have 1 to 32 bits`(bits: Int64) {
        #expect(throws: TrustError.self) { try roles("file", bins(bits)) }
    }

    @Test func `digest prefixes choose roles`() throws {
        let delegations: JSON = [
            "keys": [:],
            "roles": .array([
                edge("A", ("path_hash_prefixes", ["00", "3c"])), edge("B", ("path_hash_prefixes", ["3b9"])),
                edge("C", ("path_hash_prefixes", [""])),
                edge("D", ("path_hash_prefixes", [])),
            ]),
        ]
        #expect(try roles("file", delegations) == ["B", "C"])
    }

    @Test func `malformed delegations make the role malformed`() {
        let paths: (ByteText, JSON) = ("paths", ["*"])
        let cases: [JSON] = [
            [:], ["keys": [:]], ["keys": [:], "roles": [:]], ["keys": [:], "roles": [1]], ["keys": [:], "roles": .array([edge("A")])],
            ["keys": [:], "roles": .array([edge("A", paths, ("path_hash_prefixes", ["0"]))])],
            ["keys": [:], "roles": .array([edge("", paths)])],
            ["keys": [:], "roles": .array([edge("A", paths), edge("A", paths)])], ["keys": [:], "roles": .array([edge("root", paths)])],
            ["keys": [:], "roles": .array([edge("A", paths, ("threshold", 0))])],
            ["keys": [:], "roles": .array([edge("A", paths, ("terminating", 1))])],
            ["keys": [:], "roles": .array([edge(String(repeating: "x", count: 2000), paths)])],
            ["keys": [:], "roles": [], "succinct_roles": ["keyids": [], "threshold": 1, "bit_length": 1, "name_prefix": "bin"]],
        ]
        for delegations in cases {
            #expect(throws: TrustError.self, "\(String(decoding: delegations.document, as: UTF8.self))") { try roles("file", delegations) }
        }
    }
}
