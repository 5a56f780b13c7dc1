internal import InstarCryptography
internal import InstarManifest

/// A published version of the game. Two are the same exactly when their digests are.
public struct Release: Sendable, Hashable, CustomStringConvertible {
    /// What people call it.
    public let version: String
    /// Grows with every release of a repository.
    public let sequence: UInt64
    /// The SHA-256 of its manifest, in hexadecimal.
    public let digest: String

    init(_ identity: ReleaseIdentity) {
        version = identity.version
        sequence = identity.sequence
        digest = identity.digest.description
    }

    public var description: String { "\(version) (\(digest.prefix(12)))" }
}

/// What an update did.
public struct UpdateReport: Sendable, Hashable {
    /// The release that was active before; nil for a first installation.
    public var from: Release?
    /// The release that is active now.
    public var to: Release
    /// The number of its generation in the store.
    public var generation: UInt64
    /// All bytes that came over the network: metadata, manifest, content.
    public var bytesDownloaded: UInt64
    /// Bytes of the release that were on this machine already.
    public var bytesReused: UInt64
    /// Bytes of content that were written.
    public var bytesWritten: UInt64
    /// All requests.
    public var requests: UInt64
    /// Of those, requests that no plan counts: they took over parts of ranges that came slowly.
    public var requestsForSlowLine: UInt64
    /// From the first request to the end, in seconds.
    public var seconds: Double
}
