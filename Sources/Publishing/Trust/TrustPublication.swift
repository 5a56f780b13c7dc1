package import InstarTrust

/// The versions that a publication made.
package struct PublishedVersions: Hashable, Sendable {
    package var targets: Int64
    package var snapshot: Int64
    package var timestamp: Int64
}

extension RepositoryTrust {
    /// The last step of a publication: vouches for new files and no longer for removed ones. Every file must
    /// lie in its place before. Clients see all of it at the rename of the timestamp, or nothing.
    ///
    /// The same files, keys and time give the same bytes.
    @discardableResult
    package mutating func publish(adding: [TargetFile], removing: [String], now: UTCTime) throws(TrustPublishingError) -> PublishedVersions
    {
        var roles = OnlineRoles(published)
        var list = roles.targets[object: "targets"]
        for path in removing { list[ByteText(path)] = nil }
        for file in adding {
            guard !file.path.isEmpty, file.path.utf8.count <= MetadataLimit.targetPath, file.length >= 0 else {
                throw .refused(
                    "\"\(file.path)\" cannot be a target: its path must have 1 to \(MetadataLimit.targetPath) bytes, its length must not be negative"
                )
            }
            list[ByteText(file.path)] = file.json
        }
        roles.targets[object: "targets"] = list
        try sign(&roles, changing: [.targets, .snapshot], now: now)
        return PublishedVersions(targets: roles.targets.version, snapshot: roles.snapshot.version, timestamp: roles.timestamp.version)
    }

    /// The files that the top-level targets role vouches for now, in the order of their paths.
    package func targets() throws(TrustPublishingError) -> [TrustedTarget] {
        do throws(TrustError) { return try published.trustedTargets() } catch { throw .damaged(error) }
    }

    /// Signs and writes new versions of the online roles.
    mutating func sign(_ roles: inout OnlineRoles, changing changes: OnlineRoles.Changes, now: UTCTime) throws(TrustPublishingError) {
        let root = published.root.root
        var signers: [ByteText: [SigningKey]] = [:]
        if changes.contains(.targets) { signers["targets"] = try self.signers(for: "targets", under: root) }
        if !changes.isEmpty { signers["snapshot"] = try self.signers(for: "snapshot", under: root) }
        signers["timestamp"] = try self.signers(for: "timestamp", under: root)
        let known = signers
        try write(roles.files(changing: changes, now: now) { role throws(TrustPublishingError) in known[role] ?? [] })
    }
}
