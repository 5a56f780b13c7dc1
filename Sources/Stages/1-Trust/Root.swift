/// What a root says: who may sign the four top-level roles, and whether file names carry versions.
package struct Root: Sendable {
    /// The four roles that every root names.
    package static let topLevelRoles: [ByteText] = ["root", "snapshot", "targets", "timestamp"]

    package let version: Int64
    package let expires: UTCTime
    /// Whether metadata and targets are asked for by version and digest (§6.2). Absent means no.
    package let consistentSnapshot: Bool
    /// The keys of each top-level role.
    package let roles: [ByteText: RoleKeys]

    package init(_ metadata: SignedMetadata) throws(TrustError) {
        let signed = try Fields(.object(metadata.signed), of: metadata.role, at: "signed")
        (version, expires) = (metadata.version, metadata.expires)
        consistentSnapshot = signed.has("consistent_snapshot") ? try signed.boolean("consistent_snapshot") : false
        let keys = try signed.keyTable("keys")
        let roleFields = try signed.fields("roles")
        var roles: [ByteText: RoleKeys] = [:]
        for role in Root.topLevelRoles { roles[role] = try RoleKeys(roleFields.fields(role), keys: keys) }
        self.roles = roles
    }

    /// The keys of a top-level role. The initialiser made sure that all four are there.
    package func keys(of role: ByteText) -> RoleKeys {
        guard let keys = roles[role] else { preconditionFailure("\(role) is no top-level role") }
        return keys
    }
}

/// A root that is trusted: the one that came with the game, or one that the trusted one before it vouches for.
/// Only the checks here make one.
package struct TrustedRoot: Sendable {
    package let root: Root
    /// The file as received.
    package let bytes: [UInt8]

    /// §5.2: takes the root that came with the client, or the one stored from an earlier refresh. It must be
    /// signed as it says itself; whether it expired does not matter yet.
    package init(pinned bytes: [UInt8]) throws(TrustError) {
        let metadata = try SignedMetadata(parsing: bytes, as: .root, role: "root")
        let root = try Root(metadata)
        try root.keys(of: "root").verify(metadata)
        (self.root, self.bytes) = (root, bytes)
    }

    /// §5.3.4 to §5.3.7: the root that follows this one.
    package func successor(_ bytes: [UInt8]) throws(TrustError) -> TrustedRoot {
        let metadata = try SignedMetadata(parsing: bytes, as: .root, role: "root")
        // §5.3.4: enough keys of the trusted root, and enough of its own, signed it.
        try root.keys(of: "root").verify(metadata)
        let successor = try TrustedRoot(pinned: bytes)
        // §5.3.5: exactly the next version, so that no rotation is skipped or undone.
        guard successor.root.version == root.version + 1 else {
            throw TrustError(.wrongVersion, "root", "its version is \(successor.root.version), and \(root.version + 1) was asked for")
        }
        return successor
    }

    /// §5.3.11: whether this root takes a timestamp or snapshot key away that `previous` had, or replaces one.
    /// What that key signed may have been fast-forwarded by a thief, so it must no longer hold back new files.
    package func revokesOnlineKeys(of previous: TrustedRoot) -> Bool {
        ["timestamp", "snapshot"].contains { (role: ByteText) in
            !previous.root.keys(of: role).publicKeys.isSubset(of: root.keys(of: role).publicKeys)
        }
    }

    /// §5.3.10: the root, if it is not expired at the start of this refresh.
    package func current(at now: UTCTime) throws(TrustError) -> Current<TrustedRoot> {
        try requireUnexpired("root", root.expires, at: now)
        return Current(self, now)
    }
}

/// Trusted metadata that was also found unexpired at the one fixed time of a refresh (§5.1), and listed where
/// it must be. The next step of the workflow takes nothing less.
package struct Current<Metadata: Sendable>: Sendable {
    package let metadata: Metadata
    /// The time at which the refresh began.
    package let now: UTCTime

    init(_ metadata: Metadata, _ now: UTCTime) {
        (self.metadata, self.now) = (metadata, now)
    }
}

/// The freeze check: expiry must lie after the start of the refresh.
func requireUnexpired(_ role: ByteText, _ expires: UTCTime, at now: UTCTime) throws(TrustError) {
    guard expires > now else {
        throw TrustError(.expired(at: expires, now: now), role, "it expired at \(expires), and this computer's clock says \(now)")
    }
}
