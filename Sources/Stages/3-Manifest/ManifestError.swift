package import InstarCryptography

/// A manifest that cannot be used: the repository's fault, never the network's.
package enum ManifestError: Error, Sendable, CustomStringConvertible {
    /// Made by a newer Instar.
    case unsupportedFormat(UInt32)
    /// Bytes that are no manifest or page, or contradict themselves; says where and how.
    case damaged(String)
    /// More than any honest release holds.
    case tooLarge(String)
    /// A path that no release may contain.
    case path(PathError)
    /// The source does not have a page that the manifest names.
    case missingPage(Digest)
    /// The source gave bytes that are not the page it was asked for.
    case wrongPage(Digest)
    /// Reading the page failed.
    case unreadablePage(Digest, any Error)

    package var description: String {
        switch self {
        case .unsupportedFormat(let format):
            "the release manifest has format \(format), and this Instar reads \(Manifest.format): update the game's Instar first"
        case .damaged(let what): "the release manifest is damaged: \(what); publish the release again"
        case .tooLarge(let what): "the release manifest is refused: \(what)"
        case .path(let error): "the release manifest is refused: \(error)"
        case .missingPage(let digest): "the manifest page \(digest) is missing: fetch it again or publish the release again"
        case .wrongPage(let digest): "the manifest page \(digest) has other bytes than its name says: fetch it again"
        case .unreadablePage(let digest, let error): "cannot read the manifest page \(digest): \(error)"
        }
    }
}
