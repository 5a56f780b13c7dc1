internal import InstarTransfer

extension TransferError: ExitStatusReporting {
    var exitStatus: ExitStatus {
        switch kind {
        case .noServer: .unavailable
        case .protocolViolation: .protocolError
        case .wrongData: .dataError
        case .cancelled: .tryAgain
        case .invalidAddress: .usage
        }
    }
}
