package import InstarTrust

/// How a role stands: for people who look after keys.
package struct RoleStatus: Sendable {
    package struct Key: Sendable {
        package var keyID: ByteText
        /// Whether the private half is in the key folder.
        package var isHere: Bool
    }

    package var role: String
    package var version: Int64
    package var expires: UTCTime
    /// For how many days it is signed each time.
    package var lifetime: Int
    package var threshold: Int
    package var keys: [Key]

    /// Whether less than a quarter of its life is left.
    package func isDue(at now: UTCTime) -> Bool {
        expires.secondsSince1970 - now.secondsSince1970 < Int64(lifetime) * 86400 / 4
    }
}

extension RepositoryTrust {
    /// The four roles, root first.
    package func status() throws(TrustPublishingError) -> [RoleStatus] {
        let rootFile: SignedMetadata
        do throws(TrustError) { rootFile = try SignedMetadata(parsing: published.root.bytes, as: .root, role: "root") } catch {
            throw .damaged(error)
        }
        let files: [(SignedMetadata.Kind, SignedMetadata)] = [
            (.root, rootFile), (.targets, published.targets), (.snapshot, published.snapshot), (.timestamp, published.timestamp),
        ]
        var rows: [RoleStatus] = []
        for (kind, file) in files {
            let roleKeys = published.root.root.keys(of: ByteText(kind.rawValue))
            let held = try keys.held(of: roleKeys.keyIDs)
            rows.append(
                RoleStatus(
                    role: kind.rawValue, version: file.version, expires: file.expires, lifetime: MetadataDraft(kind, file).lifetime,
                    threshold: roleKeys.threshold, keys: roleKeys.keyIDs.map { .init(keyID: $0, isHere: held.contains($0)) }))
        }
        return rows
    }
}
