package import InstarCryptography

/// Where things lie below a repository's base address. Names of targets come from signed metadata; these are the rest.
package enum RepositoryLayout {
    /// Signed metadata of The Update Framework.
    package static let metadata = "metadata"
    /// Targets, each named by its digest and its name (consistent snapshots).
    package static let targets = "targets"

    /// A bundle by the digest of its bytes. Two digits of it make a folder, since some servers are slow with large ones.
    package static func bundle(_ digest: Digest) -> String {
        let name = digest.description
        return "bundles/\(name.prefix(2))/\(name).bundle"
    }

    /// The target that says which release a channel points to.
    package static func channelTarget(_ channel: String) -> String { "channels/\(channel).json" }

    /// The target that is the manifest of a release.
    package static func releaseTarget(version: String, sequence: UInt64) -> String { "releases/\(version)-\(sequence).manifest" }
}
