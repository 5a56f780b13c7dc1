package import InstarTrust

/// A root while its keys and thresholds are being changed.
package struct RootDraft: Sendable {
    package var draft: MetadataDraft

    /// A first root, whose roles have no keys yet.
    init(lifetime: Int) {
        let roles = JSONObject.roles(Root.topLevelRoles)
        draft = MetadataDraft(new: .root, lifetime: lifetime, ["consistent_snapshot": true, "keys": [:], "roles": .object(roles)])
    }

    /// The next version of a published root.
    init(_ metadata: SignedMetadata) {
        draft = MetadataDraft(.root, metadata)
    }

    /// The identifiers of a role's keys, in the root's order.
    package func keyIDs(of role: ByteText) -> [ByteText] {
        guard case .array(let values)? = self[role]["keyids"] else { return [] }
        return values.compactMap { if case .string(let text) = $0 { text } else { nil } }
    }

    /// How many keys of a role must sign.
    package func threshold(of role: ByteText) -> Int {
        guard case .integer(let value)? = self[role]["threshold"] else { return 1 }
        return Int(clamping: value)
    }

    /// Lets one more key sign for a role.
    package mutating func add(_ key: PublicKeyDescription, to role: ByteText) throws(TrustPublishingError) {
        let keyIDs = keyIDs(of: role)
        guard !keyIDs.contains(key.keyID) else { throw .refused("key \(key.keyID) may sign \(role) already") }
        draft[object: "keys"][key.keyID] = key.json
        self[role]["keyids"] = .array((keyIDs + [key.keyID]).map { .string($0) })
    }

    /// The key of a role whose identifier begins like this.
    func keyID(_ prefix: String, of role: ByteText) throws(TrustPublishingError) -> ByteText {
        let matches = keyIDs(of: role).filter { !prefix.isEmpty && $0.utf8.starts(with: prefix.utf8) }
        guard matches.count == 1 else {
            throw .refused(
                "\(matches.isEmpty ? "no key" : "more than one key") of \(role) begins with \"\(prefix)\"; `instar trust show` lists them")
        }
        return matches[0]
    }

    /// No longer lets a key sign for a role. The key may be named by the beginning of its identifier.
    @discardableResult
    package mutating func remove(_ prefix: String, from role: ByteText) throws(TrustPublishingError) -> ByteText {
        let removed = try keyID(prefix, of: role)
        let remaining = keyIDs(of: role).filter { $0 != removed }
        guard remaining.count >= threshold(of: role) else {
            throw .refused(
                "\(role) needs \(threshold(of: role)) keys and would have \(remaining.count): add a key or lower the threshold first")
        }
        self[role]["keyids"] = .array(remaining.map { .string($0) })
        forgetUnusedKeys()
        return removed
    }

    /// Replaces keys of a role by new ones, all at once.
    mutating func replace(_ old: [ByteText], by new: [PublicKeyDescription], in role: ByteText) {
        let kept = keyIDs(of: role).filter { !old.contains($0) }
        for key in new { draft[object: "keys"][key.keyID] = key.json }
        self[role]["keyids"] = .array((kept + new.map(\.keyID)).map { .string($0) })
        forgetUnusedKeys()
    }

    /// Sets how many keys must sign for a role.
    package mutating func setThreshold(_ threshold: Int, of role: ByteText) throws(TrustPublishingError) {
        let count = keyIDs(of: role).count
        guard (1...max(1, count)).contains(threshold) else {
            throw .refused("\(role) has \(count) keys, so its threshold can be 1 to \(count): add keys first")
        }
        self[role]["threshold"] = .integer(Int64(threshold))
    }

    private mutating func forgetUnusedKeys() {
        let used = Set(Root.topLevelRoles.flatMap { keyIDs(of: $0) })
        for member in draft[object: "keys"].members where !used.contains(member.key) { draft[object: "keys"][member.key] = nil }
    }

    private subscript(role: ByteText) -> JSONObject {
        get { if case .object(let object)? = draft[object: "roles"][role] { object } else { JSONObject() } }
        set { draft[object: "roles"][role] = .object(newValue) }
    }
}

extension JSONObject {
    /// Roles without keys, a threshold of 1 each.
    fileprivate static func roles(_ names: [ByteText]) -> JSONObject {
        var roles = JSONObject()
        for name in names { roles[name] = ["keyids": [], "threshold": 1] }
        return roles
    }
}
