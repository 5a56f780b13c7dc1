internal import Instar

extension UpdateError: ExitStatusReporting {
    var kindName: String { kind.rawValue }

    var exitStatus: ExitStatus {
        switch kind {
        case .untrusted, .expired, .rolledBack, .damaged, .unsafePath, .incompatible, .banned: .dataError
        case .noServer: .unavailable
        case .protocolViolation: .protocolError
        case .diskFull, .disk: .ioError
        case .busy: .tryAgain
        case .unsafeStore: .noPermission
        case .nothingInstalled: .noInput
        case .invalidRequest: .usage
        case .reloadFailed: .dataError
        case .cancelled: .tryAgain
        }
    }
}
