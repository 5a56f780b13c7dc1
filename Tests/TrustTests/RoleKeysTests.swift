import InstarCryptography
import InstarTrust
import TestSupport
import Testing

/// A root whose snapshot role is whatever a test makes of it, and a snapshot to sign with it.
struct RoleScene {
    let simulator = RepositorySimulator()

    func keys() throws -> RoleKeys {
        try Root(SignedMetadata(parsing: simulator.file("root"), as: .root, role: "root")).keys(of: "snapshot")
    }

    func snapshot() throws -> SignedMetadata { try SignedMetadata(parsing: simulator.file("snapshot"), as: .snapshot, role: "snapshot") }
}

@Suite struct RoleKeysTests {
    @Test func `as many different keys as the threshold must sign`() throws {
        let scene = RoleScene()
        for _ in 0..<2 { scene.simulator.addKey(to: "snapshot") }
        for threshold in 1...3 {
            scene.simulator.setThreshold(Int64(threshold), of: "snapshot")
            #expect(throws: Never.self) { try scene.keys().verify(scene.snapshot()) }
        }
        scene.simulator.signers["snapshot"]!.removeLast()
        #expect(throws: TrustError.self) { try scene.keys().verify(scene.snapshot()) }
    }

    @Test func `one key under two names counts once`() throws {
        let scene = RoleScene()
        let signer = scene.simulator.signers["snapshot"]![0]
        scene.simulator.addKey(to: "snapshot", signer: .init(key: signer.key, keyID: "another name"))
        scene.simulator.setThreshold(2, of: "snapshot")
        #expect(try scene.keys().keyIDs.count == 2)
        #expect(throws: TrustError.self) { try scene.keys().verify(scene.snapshot()) }
        #expect(try scene.keys().signers(of: scene.snapshot()).count == 1)
        #expect(try scene.keys().publicKeys.count == 1)
    }

    @Test func `a key that is listed twice makes the root malformed`() throws {
        let scene = RoleScene()
        let name = JSON(scene.simulator.signers["snapshot"]![0].keyID)
        scene.simulator.edit("root", "roles", "snapshot") { $0["keyids"] = .array([name, name]) }
        #expect(throws: TrustError.self) { try scene.keys() }
    }

    @Test(arguments: [0, -1, Int64.max]) func `a threshold that makes no sense makes the root malformed`(threshold: Int64) {
        let scene = RoleScene()
        scene.simulator.setThreshold(threshold, of: "snapshot")
        #expect(throws: TrustError.self) { try scene.keys() }
    }

    @Test(arguments: [
        ("ed25519", "ecdsa-sha2-nistp256"), ("rsa", "ed25519"), ("ed25519", "ed25519ph"), ("ed448", "ed448"), ("", ""),
    ]) func `a key whose type and scheme do not belong together is skipped`(type: String, scheme: String) throws {
        let scene = RoleScene()
        let name = scene.simulator.signers["snapshot"]![0].keyID
        scene.simulator.edit("root", "keys", name) {
            $0["keytype"] = JSON(type)
            $0["scheme"] = JSON(scheme)
        }
        #expect(try scene.keys().publicKeys.isEmpty)
        #expect(throws: TrustError.self) { try scene.keys().verify(scene.snapshot()) }
    }

    @Test(arguments: [JSON.null, 1, [:], ["public": 1], ["public": "zz"], ["public": "00"], ["private": "00"]])
    func `a key without a usable value is skipped`(value: JSON) throws {
        let scene = RoleScene()
        scene.simulator.edit("root", "keys", scene.simulator.signers["snapshot"]![0].keyID) { $0["keyval"] = value }
        #expect(try scene.keys().publicKeys.isEmpty)
    }

    @Test func `a signature over other bytes does not count`() throws {
        let scene = RoleScene()
        let text = String(decoding: scene.simulator.file("snapshot"), as: UTF8.self).replacing(
            "\"version\":1}", with: "\"version\":1,\"x\":1}")
        let changed = try SignedMetadata(parsing: Array(text.utf8), as: .snapshot, role: "snapshot")
        #expect(throws: TrustError.self) { try scene.keys().verify(changed) }
    }

    @Test func `white space and the order of keys are not signed`() throws {
        let scene = RoleScene()
        let text = String(decoding: scene.simulator.file("snapshot"), as: UTF8.self).replacing(",", with: " ,\n\t").replacing(
            "{", with: "{ ")
        #expect(throws: Never.self) {
            try scene.keys().verify(try SignedMetadata(parsing: Array(text.utf8), as: .snapshot, role: "snapshot"))
        }
    }
}

@Suite struct SignedMetadataTests {
    func parse(_ edit: (inout JSONObject) -> Void) throws -> SignedMetadata {
        let simulator = RepositorySimulator()
        var signed = simulator["timestamp"]
        edit(&signed)
        simulator["timestamp"] = signed
        return try SignedMetadata(parsing: simulator.file("timestamp"), as: .timestamp, role: "timestamp")
    }

    @Test func `a role as it should be is read`() throws {
        #expect(try parse { _ in }.version == 1)
        #expect(try parse { $0["unknown"] = ["a": [1]] }.signed["unknown"] == ["a": [1]])
    }

    @Test(arguments: ["1.0", "1.0.0", "1.1.33", "1.99.99"]) func `every 1.x of the specification is understood`(version: String) {
        #expect(throws: Never.self) { try parse { $0["spec_version"] = JSON(version) } }
    }

    @Test(arguments: ["2.0.0", "0.9", "1", "1.", "1.0.0.0", "01.0", "1.a", "", "1.0-beta"]) func `other specifications are refused`(
        version: String
    ) {
        #expect(throws: TrustError.self) { try parse { $0["spec_version"] = JSON(version) } }
    }

    @Test(arguments: [0, -1, Int64.max]) func `a version must be a positive number with a successor`(version: Int64) {
        #expect(throws: TrustError.self) { try parse { $0["version"] = .integer(version) } }
    }

    @Test(arguments: ["version", "expires", "_type", "spec_version"], [JSON.null, true, "x", [:], []] as [JSON])
    func `a field of another shape is refused`(field: String, value: JSON) {
        #expect(throws: TrustError.self) { try parse { $0[ByteText(field)] = value } }
        #expect(throws: TrustError.self) { try parse { $0[ByteText(field)] = nil } }
    }

    @Test func `each kind is refused in the place of every other`() {
        let simulator = RepositorySimulator()
        for kind in [SignedMetadata.Kind.root, .timestamp, .snapshot, .targets] {
            for other in [SignedMetadata.Kind.root, .timestamp, .snapshot, .targets] where other != kind {
                #expect(throws: TrustError.self) { try SignedMetadata(parsing: simulator.file(kind.rawValue), as: other, role: "role") }
            }
        }
    }
}
