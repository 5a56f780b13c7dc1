internal import InstarDisk
internal import SystemPackage

/// What the command's exit status says, after BSD's sysexits(3).
enum ExitStatus: Int32, Sendable {
    case done = 0
    /// The game's own code ended with an error.
    case failed = 1
    case usage = 64
    /// Untrusted or damaged data.
    case dataError = 65
    /// A named input does not exist or cannot be read.
    case noInput = 66
    /// No server answers.
    case unavailable = 69
    /// An error inside Instar.
    case software = 70
    /// An output cannot be created.
    case cannotCreate = 73
    /// Reading or writing failed; a full disk too.
    case ioError = 74
    /// Somebody else holds the store or the repository: try again.
    case tryAgain = 75
    /// The server broke the protocol.
    case protocolError = 76
    case noPermission = 77
    /// A configuration file is wrong.
    case configuration = 78
}

/// An error that knows which exit status it means. Each layer's errors conform in an extension beside the command
/// that meets them first.
protocol ExitStatusReporting: Error {
    var exitStatus: ExitStatus { get }
    /// What a script tells errors apart by.
    var kindName: String { get }
}

extension ExitStatusReporting {
    var kindName: String { "\(type(of: self))" }
}

extension DiskError: ExitStatusReporting {
    var exitStatus: ExitStatus {
        switch code {
        case .noSuchFileOrDirectory, .notDirectory: .noInput
        case .permissionDenied, .notPermitted: .noPermission
        case .fileExists: .cannotCreate
        default: .ioError
        }
    }
}

/// An error of the command line itself: a message for a person, and its status.
struct CommandError: ExitStatusReporting, CustomStringConvertible {
    var exitStatus: ExitStatus
    var description: String

    init(_ status: ExitStatus, _ message: String) {
        exitStatus = status
        description = message
    }
}
