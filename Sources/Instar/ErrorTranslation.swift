internal import InstarDisk
internal import InstarDownload
internal import InstarManifest
internal import InstarRefresh
internal import InstarReload
internal import InstarStore
internal import InstarTransfer
internal import InstarTrust
internal import SystemPackage

extension UpdateError {
    /// What an error of any layer means to a caller.
    init(_ error: any Error) {
        switch error {
        case let error as UpdateError: self = error
        case let error as RefreshError: self.init(Kind(error), "\(error)")
        case let error as TrustError: self.init(Kind(error), "\(error)")
        case let error as ChannelError: self.init(Kind(error), "\(error)")
        case let error as ManifestError: self.init(Kind(error), "\(error)")
        case let error as DownloadError: self.init(.damaged, "\(error)")
        case let error as TransferError: self.init(Kind(error), "\(error)")
        case let error as StoreError: self.init(Kind(error), "\(error)")
        case let error as DiskError: self.init(Kind(error), "\(error)")
        case is CancellationError: self.init(.cancelled, "the update was cancelled; start it again to continue where it stopped")
        default: self.init(.disk, "\(error)")
        }
    }

    /// Runs `body`; whatever it throws becomes an `UpdateError`.
    static func translating<Result: ~Copyable>(_ body: () throws -> Result) throws(UpdateError) -> Result {
        do { return try body() } catch { throw UpdateError(error) }
    }
}

extension UpdateError.Kind {
    init(_ error: RefreshError) {
        switch error {
        case .untrusted(let error): self.init(error)
        case .wrongClock: self = .expired
        case .missing: self = .damaged
        case .unreachable: self = .noServer
        case .noTrustedRoot: self = .untrusted
        case .superseded: self = .busy
        case .disk(let error): self.init(error)
        }
    }

    init(_ error: TrustError) {
        switch error.reason {
        case .malformed, .mismatch, .tooLarge: self = .damaged
        case .unsigned, .notListed, .tooManyRoles: self = .untrusted
        case .rollback, .wrongVersion: self = .rolledBack
        case .expired: self = .expired
        }
    }

    init(_ error: ChannelError) {
        if case .unsupportedFormat = error { self = .incompatible } else { self = .damaged }
    }

    init(_ error: ManifestError) {
        switch error {
        case .unsupportedFormat: self = .incompatible
        case .path: self = .unsafePath
        case .unreadablePage(_, let cause): self = UpdateError(cause).kind
        default: self = .damaged
        }
    }

    init(_ error: TransferError) {
        switch error.fault {
        // What signed metadata names is not there, or is shorter: the repository is incomplete.
        case .status(404, _), .status(410, _), .status(416, _), .wrongLength, .wrongRange: self = .damaged
        default: self.init(error.kind)
        }
    }

    private init(_ kind: TransferError.Kind) {
        switch kind {
        case .noServer: self = .noServer
        case .protocolViolation: self = .protocolViolation
        case .wrongData: self = .damaged
        case .cancelled: self = .cancelled
        case .invalidAddress: self = .invalidRequest
        }
    }

    init(_ error: StoreError) {
        switch error {
        case .disk(let error): self.init(error)
        case .state(.banned): self = .banned
        case .state: self = .invalidRequest
        case .hostile: self = .unsafeStore
        case .damaged, .stateLost, .wrongContent, .incomplete: self = .damaged
        case .stateBusy: self = .busy
        case .noSpace, .noFileEntries, .overCeiling: self = .diskFull
        case .tooLarge: self = .damaged
        }
    }

    init(_ error: DiskError) {
        self = error.code == .noSpace || error.code == .diskQuotaExceeded ? .diskFull : .disk
    }
}
