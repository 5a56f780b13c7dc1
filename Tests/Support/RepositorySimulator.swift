package import InstarCryptography
package import InstarRefresh
package import InstarTrust

/// A repository in memory whose metadata is edited as objects and published file by file, and which is its own
/// server. Tests make it lie in any way that a real one could.
///
///     let simulator = RepositorySimulator()
///     simulator["root"]["custom"] = "value"
///     simulator.publish(["root"])
package final class RepositorySimulator: MetadataSource {
    /// The time at which everything is published.
    package static let now = UTCTime(secondsSince1970: 1_800_000_000)
    /// A month later: when everything expires unless a test says otherwise.
    package static let expiry = UTCTime(secondsSince1970: 1_800_000_000 + 30 * 86400)

    /// What is signed, by role.
    package private(set) var signed: [String: JSONObject] = [:]
    /// Who signs, by role.
    package var signers: [String: [Signer]] = [:]
    /// What is served: files by name below the metadata's address. Tests may put anything here.
    package var files: [String: [UInt8]] = [:]
    /// Every request so far.
    package private(set) var requests: [String] = []
    /// Answers that come in place of files.
    package var answers: [String: MetadataAnswer] = [:]
    /// What the server says the time is.
    package var serverTime: UTCTime?
    /// Whether timestamp and snapshot list lengths and digests.
    package var listsDigests = false
    private var keyCount: UInt8 = 0

    package struct Signer {
        package let key: PrivateKey
        package let keyID: String

        package init(key: PrivateKey, keyID: String) {
            (self.key, self.keyID) = (key, keyID)
        }

        package var description: JSON {
            ["keytype": "ed25519", "scheme": "ed25519", "keyval": ["public": JSON((key.publicKey.ed25519Bytes ?? []).hexadecimal)]]
        }
    }

    package init() {
        for role in ["root", "timestamp", "snapshot", "targets"] { signed[role] = common(role) }
        self["root"]["consistent_snapshot"] = true
        self["root"]["keys"] = [:]
        self["root"]["roles"] = [:]
        self["timestamp"]["meta"] = [:]
        self["snapshot"]["meta"] = [:]
        self["targets"]["targets"] = [:]
        for role in ["root", "timestamp", "snapshot", "targets"] {
            edit("root", "roles", role) { $0 = ["keyids": [], "threshold": 1] }
            addKey(to: role)
        }
        publish(["root", "targets", "snapshot", "timestamp"])
    }

    /// The signed part of a role, to edit.
    package subscript(role: String) -> JSONObject {
        get { signed[role]! }
        set { signed[role] = newValue }
    }

    /// Edits an object inside a role, found by a path of names; objects that are missing are made.
    package func edit(_ role: String, _ path: String..., body: (inout JSONObject) -> Void) {
        func descend(_ object: inout JSONObject, _ path: ArraySlice<String>) {
            guard let first = path.first else { return body(&object) }
            var inner = JSONObject()
            if case .object(let value)? = object[ByteText(first)] { inner = value }
            descend(&inner, path.dropFirst())
            object[ByteText(first)] = .object(inner)
        }
        // On a copy, so that the body may look at the simulator.
        var object = self[role]
        descend(&object, path[...])
        self[role] = object
    }

    /// A key that no role has yet. The keys are the same in every run.
    package func newSigner() -> Signer {
        keyCount += 1
        let key = try! PrivateKey(seed: [UInt8](repeating: keyCount, count: 32))
        let signer = Signer(key: key, keyID: "")
        return Signer(key: key, keyID: "\(Digest(of: signer.description.canonical))")
    }

    /// Gives a top-level role one more key, which signs from now on.
    @discardableResult
    package func addKey(to role: String, signer: Signer? = nil) -> Signer {
        let signer = signer ?? newSigner()
        edit("root", "keys") { $0[ByteText(signer.keyID)] = signer.description }
        edit("root", "roles", role) { $0["keyids"] = .array(($0["keyids"]!.elements + [JSON(signer.keyID)])) }
        signers[role, default: []].append(signer)
        return signer
    }

    /// Takes all keys of a top-level role away and gives it as many new ones as its threshold asks for.
    package func rotateKeys(of role: String) {
        signers[role] = []
        var threshold: Int64 = 1
        edit("root", "roles", role) {
            $0["keyids"] = []
            if case .integer(let value)? = $0["threshold"] { threshold = value }
        }
        for _ in 0..<threshold { addKey(to: role) }
    }

    package func setThreshold(_ threshold: Int64, of role: String) {
        edit("root", "roles", role) { $0["threshold"] = .integer(threshold) }
    }

    package func version(of role: String) -> Int64 {
        guard case .integer(let version)? = self[role]["version"] else { return 0 }
        return version
    }

    package func setVersion(_ version: Int64, of role: String) { self[role]["version"] = .integer(version) }

    package func setExpiry(_ time: UTCTime, of role: String) { self[role]["expires"] = JSON(time.description) }

    /// Lists a file's content in a targets role.
    package func addTarget(_ path: String, _ content: [UInt8], in role: String = "targets") {
        edit(role, "targets") {
            $0[ByteText(path)] = ["length": .integer(Int64(content.count)), "hashes": ["sha256": JSON("\(Digest(of: content))")]]
        }
    }

    /// Adds a delegated role with one key, last in its delegator's order.
    package func addDelegation(from delegator: String = "targets", to role: String, paths: [String] = ["*"], terminating: Bool = false) {
        let signer = signers[role]?.first ?? newSigner()
        signers[role] = [signer]
        if signed[role] == nil {
            signed[role] = common("targets")
            self[role]["targets"] = [:]
        }
        edit(delegator, "delegations", "keys") { $0[ByteText(signer.keyID)] = signer.description }
        edit(delegator, "delegations") {
            let edge: JSON = [
                "name": JSON(role), "keyids": [JSON(signer.keyID)], "threshold": 1, "terminating": .boolean(terminating),
                "paths": .array(paths.map { JSON($0) }),
            ]
            $0["roles"] = .array(($0["roles"]?.elements ?? []) + [edge])
        }
    }

    /// Makes the next version of roles public, in the order given.
    package func publish(_ roles: [String], bump: Bool = true) {
        for role in roles {
            if bump { setVersion(version(of: role) + 1, of: role) }
            let bytes = file(role)
            let name = PercentEncoding.component(ByteText(role))
            switch role {
            case "timestamp": files["timestamp.json"] = bytes
            case "root": files["\(version(of: role)).root.json"] = bytes
            default:
                files[self["root"]["consistent_snapshot"] == true ? "\(version(of: role)).\(name).json" : "\(name).json"] = bytes
                let list = role == "snapshot" ? "timestamp" : "snapshot"
                edit(list, "meta") { $0[ByteText("\(role).json")] = record(bytes, version(of: role)) }
            }
        }
    }

    /// Everything but the root, in the order that keeps the lists right.
    package func publishOnline() { publish(["targets", "snapshot", "timestamp"]) }

    /// A role's file, signed by its signers.
    package func file(_ role: String) -> [UInt8] {
        let message = JSON.object(self[role]).canonical
        let signatures = (signers[role] ?? []).map { signer -> JSON in
            ["keyid": JSON(signer.keyID), "sig": JSON(try! signer.key.signature(of: message).hexadecimal)]
        }
        return JSON.object(["signatures": .array(signatures), "signed": .object(self[role])]).document
    }

    package func fetch(_ name: String, limit: Int) -> MetadataAnswer {
        requests.append(name)
        if let answer = answers[name] { return answer }
        return files[name].map { .bytes($0) } ?? .missing
    }

    /// The requests since the last call.
    package func takeRequests() -> [String] {
        defer { requests = [] }
        return requests
    }

    private func common(_ type: String) -> JSONObject {
        ["_type": JSON(type), "spec_version": "1.0.31", "version": 0, "expires": JSON(RepositorySimulator.expiry.description)]
    }

    private func record(_ bytes: [UInt8], _ version: Int64) -> JSON {
        guard listsDigests else { return ["version": .integer(version)] }
        return ["version": .integer(version), "length": .integer(Int64(bytes.count)), "hashes": ["sha256": JSON("\(Digest(of: bytes))")]]
    }
}

extension JSON {
    /// The elements of an array; none for anything else.
    package var elements: [JSON] { if case .array(let elements) = self { elements } else { [] } }
}
