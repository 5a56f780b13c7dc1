package import InstarCryptography
package import InstarManifest

/// A transition that the store's state does not allow.
package enum StateError: Error, Hashable, Sendable, CustomStringConvertible {
    case banned(ReleaseIdentity, reason: String)
    case notBanned(Digest)
    case alreadyListed(ReleaseIdentity)
    case alreadyActive(UInt64)
    case notActive(UInt64)
    case inUse(UInt64)
    case noSuchGeneration(UInt64)
    case nothingEarlier

    package var description: String {
        switch self {
        case .banned(let release, let reason):
            "release \(release) is banned here: it \(reason); lift the ban with `instar unban` to try it again"
        case .notBanned(let digest): "no release \(digest) is banned here"
        case .alreadyListed(let release): "release \(release) is complete in this store already"
        case .alreadyActive(let number): "generation \(number) is the active one already"
        case .notActive(let number): "generation \(number) is not the active one, so it cannot be confirmed"
        case .inUse(let number): "generation \(number) is in use and cannot be collected"
        case .noSuchGeneration(let number): "this store has no generation \(number); `instar status` lists what it has"
        case .nothingEarlier: "there is no earlier generation to go back to"
        }
    }
}
