public import InstarDisk
public import InstarTrust

/// Why the publisher did not sign or write. Nothing that clients read was changed, unless the text says so.
public enum TrustPublishingError: Error, Sendable, CustomStringConvertible {
    /// There is something in the place where a repository should be made.
    case exists(String)
    /// There is no repository here.
    case noRepository(String)
    /// Too few private keys of a role are at hand.
    case missingKeys(role: String, have: Int, need: Int, folder: String)
    /// A private key could not be read or used.
    case badKey(file: String, reason: String)
    /// The repository's own metadata does not hold; somebody or something changed it.
    case damaged(TrustError)
    /// Somebody else is publishing right now.
    case busy(String)
    /// What was asked for cannot be done.
    case refused(String)
    case disk(DiskError)

    public var description: String {
        switch self {
        case .exists(let path): "\(path) is not empty: choose another place, or remove it if it may go"
        case .noRepository(let path):
            "\(path) is no repository: there is no metadata/root.json or no timestamp; make one with `instar init`"
        case .missingKeys(let role, let have, let need, let folder):
            "\(folder) holds \(have) of the private keys of \(role), and \(need) must sign: bring the missing ones there, or name their folder with --keys"
        case .badKey(let file, let reason): "cannot use the key \(file): \(reason)"
        case .damaged(let error):
            "the repository's own metadata does not hold: \(error); restore it from a copy before publishing"
        case .busy(let path): "somebody else is publishing to \(path): wait until that ended and try again"
        case .refused(let reason): reason
        case .disk(let error): error.description
        }
    }
}
