public import InstarDisk
public import InstarTrust

/// Why a refresh ended. Whatever it was, the installed game starts as before.
public enum RefreshError: Error, Sendable, CustomStringConvertible {
    /// The repository sent something that is not to be trusted.
    case untrusted(TrustError)
    /// Metadata seems expired, and the server's clock says that it is this computer's clock that is wrong.
    case wrongClock(TrustError, serverTime: UTCTime)
    /// The server does not have a file that it should have.
    case missing(String)
    /// The server did not answer, or not as a server should.
    case unreachable(String, reason: String)
    /// There is no trusted root to begin with, or what is stored was damaged beyond repair.
    case noTrustedRoot(String)
    /// Another process stored newer metadata meanwhile; a new refresh begins from there.
    case superseded(String)
    /// The local folder could not be read or written.
    case disk(DiskError)

    public var description: String {
        switch self {
        case .untrusted(let error): error.description + (Self.advice(for: error).map { "; \($0)" } ?? "")
        case .wrongClock(let error, let serverTime):
            "\(error); the server's clock says \(serverTime), so this computer's clock seems to be wrong: set it and try again"
        case .missing(let name): "the server has no \(name), though its metadata lists it: try again later, or tell the publisher"
        case .unreachable(let name, let reason): "cannot fetch \(name): \(reason)"
        case .noTrustedRoot(let reason): reason
        case .superseded(let role): "another process stored a newer \(role) meanwhile: try again"
        case .disk(let error): error.description
        }
    }

    private static func advice(for error: TrustError) -> String? {
        guard case .expired = error.reason else { return nil }
        return "if that time is right, the publisher has to renew it; if not, set this computer's clock"
    }
}
