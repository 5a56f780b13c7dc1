/// What a targets role says: which files it vouches for, and whom it trusts with others.
package struct Targets: Sendable {
    private let role: ByteText
    /// The files that the role vouches for, by path. Each is read only when it is asked for: a role may list
    /// hundreds of thousands.
    private let files: JSONObject
    /// Whom the role trusts with which paths, in the order of trust.
    package let delegations: Delegations

    package init(_ metadata: SignedMetadata) throws(TrustError) {
        let signed = try Fields(.object(metadata.signed), of: metadata.role, at: "signed")
        role = metadata.role
        files = try signed.fields("targets").object
        delegations = try signed.has("delegations") ? Delegations(signed.fields("delegations")) : Delegations()
    }

    /// The file that this role lists under a path; nil if it lists none.
    package func target(_ path: ByteText, consistentSnapshot: Bool) throws(TrustError) -> TrustedTarget? {
        guard let value = files[path] else { return nil }
        return try TrustedTarget(
            path: path, Fields(value, of: role, at: "signed.targets[\(path.printable)]"), consistentSnapshot: consistentSnapshot)
    }

    /// The paths of all files that the role lists itself, in byte order.
    package var paths: [ByteText] { files.members.map(\.key) }
}

/// A targets role that is trusted: signed by the keys of the delegation that led to it, listed in the current
/// snapshot, unexpired.
package struct TrustedTargets: Sendable {
    package let role: ByteText
    package let targets: Targets
    /// The file as received.
    package let bytes: [UInt8]

    /// §5.6.2 to §5.6.5, the same for the top-level role and for every delegated one. `keys` are those of the
    /// delegation that led here.
    package init(_ bytes: [UInt8], role: ByteText, signedBy keys: RoleKeys, listedIn snapshot: Current<TrustedSnapshot>) throws(TrustError)
    {
        let record = try snapshot.record(of: role)
        // §5.6.2
        try record.requireMatch(bytes, role)
        let metadata = try SignedMetadata(parsing: bytes, as: .targets, role: role)
        // §5.6.3
        try keys.verify(metadata)
        // §5.6.4
        guard metadata.version == record.version else {
            throw TrustError(.wrongVersion, role, "its version is \(metadata.version), and the snapshot lists \(record.version)")
        }
        (self.role, self.bytes) = (role, bytes)
        targets = try Targets(metadata)
        // §5.6.5
        try requireUnexpired(role, metadata.expires, at: snapshot.now)
    }
}
