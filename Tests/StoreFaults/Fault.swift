internal import CFaults
internal import SystemPackage
#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// What goes wrong in one run of an operation.
struct Fault {
    let kind: Kind
    /// The number of the call, from 1, among those that the kind is about; 0: none.
    let call: Int

    init(_ kind: Kind, call: Int) {
        self.kind = kind
        self.call = call
    }

    /// One row of the matrix: tried at every call that it can befall.
    enum Kind: Hashable, CaseIterable {
        /// Killed before each changing call, and in the middle of each write.
        case kill, torn
        /// One call fails, whichever it is.
        case noSpace, ioError, accessDenied, tooManyFiles, otherDevice
        /// Every call from one on fails, but for what needs no such thing.
        case fullDisk, overQuota, readOnly, noDescriptors, brokenDisk
        /// One call is interrupted, or does half: no failure at all.
        case interrupted, short

        static let allCases: [Kind] = [
            .kill, .torn, .noSpace, .ioError, .accessDenied, .tooManyFiles, .otherDevice, .fullDisk, .overQuota, .readOnly, .noDescriptors,
            .brokenDisk, .interrupted, .short,
        ]

        var name: String {
            switch self {
            case .kill: "kill"
            case .torn: "torn"
            case .noSpace: "ENOSPC"
            case .ioError: "EIO"
            case .accessDenied: "EACCES"
            case .tooManyFiles: "EMFILE"
            case .otherDevice: "EXDEV"
            case .fullDisk: "ENOSPC from"
            case .overQuota: "EDQUOT from"
            case .readOnly: "EROFS from"
            case .noDescriptors: "EMFILE from"
            case .brokenDisk: "EIO from"
            case .interrupted: "EINTR"
            case .short: "short"
            }
        }

        /// The error that the call gets; nil where it gets none.
        var error: Errno? {
            switch self {
            case .kill, .torn, .short: nil
            case .noSpace, .fullDisk: .noSpace
            case .ioError, .brokenDisk: .ioError
            case .accessDenied: .permissionDenied
            case .tooManyFiles, .noDescriptors: .tooManyOpenFiles
            case .otherDevice: .improperLink
            case .overQuota: .diskQuotaExceeded
            case .readOnly: .readOnlyFileSystem
            case .interrupted: .interrupted
            }
        }

        var isSticky: Bool { [.fullDisk, .overQuota, .readOnly, .noDescriptors, .brokenDisk].contains(self) }

        /// True where the space of an update that failed is given back at once. A disk that fails at everything takes no removal.
        var givesSpaceBack: Bool { !isSticky || self == .fullDisk || self == .overQuota }

        /// True where the operation has to succeed in spite of it.
        var isNoFailure: Bool { self == .interrupted || self == .short }

        var calls: instar_fault_class {
            switch self {
            case .kill, .fullDisk, .overQuota, .readOnly: INSTAR_FAULT_CHANGES
            case .torn, .short: INSTAR_FAULT_TRANSFERS
            default: INSTAR_FAULT_ALL
            }
        }
    }

    /// As the library wants it. A copied file is as good as a linked one, so `refusesLinks` may go with any fault.
    func order(refusingLinks: Bool) -> instar_fault {
        instar_fault(
            call: call, error: kind.error?.rawValue ?? 0, is_torn: kind == .torn ? 1 : 0, is_short: kind == .short ? 1 : 0,
            counts: kind.calls, is_sticky: kind.isSticky ? 1 : 0, link_error: refusingLinks ? Errno.improperLink.rawValue : 0)
    }
}
