public import SystemPackage

/// A file-system call that failed: what was tried, on which path, why, and what to do about it.
public struct DiskError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The system call or step, as a person would look it up: `open`, `rename`, `fsync`.
    public var operation: String
    /// What it was about.
    public var path: FilePath
    /// The system's reason.
    public var code: Errno

    public init(_ operation: String, _ path: FilePath, _ code: Errno) {
        self.operation = operation
        self.path = path
        self.code = code
    }

    public var description: String {
        "cannot \(operation) \(path): \(code)" + (remedy.map { "; \($0)" } ?? "")
    }

    /// The next step for a person, where one is known.
    public var remedy: String? {
        switch code {
        case .noSpace: "free some disk space and try again"
        case .diskQuotaExceeded: "the user's disk quota is used up: free some space or raise it"
        case .permissionDenied, .notPermitted: "check who owns it and its permissions"
        case .readOnlyFileSystem: "the file system is mounted read-only"
        case .tooManyOpenFiles, .tooManyOpenFilesInSystem: "raise the limit of open files (ulimit -n)"
        case .ioError: "the disk reports a fault: check it before going on"
        default: nil
        }
    }
}
