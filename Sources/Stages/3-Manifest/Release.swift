public import InstarCryptography

/// Which release this is. Two releases are the same exactly when their manifests' digests are.
public struct ReleaseIdentity: Hashable, Sendable, CustomStringConvertible {
    /// What people call it; the same version published again with other content is another release.
    public var version: String
    /// Grows with every release that a repository publishes.
    public var sequence: UInt64
    /// The digest of the release manifest, as the signed targets metadata names it.
    public var digest: Digest

    public init(version: String, sequence: UInt64, digest: Digest) {
        self.version = version
        self.sequence = sequence
        self.digest = digest
    }

    public var description: String { "\(version) (\(digest.description.prefix(12)))" }
}
