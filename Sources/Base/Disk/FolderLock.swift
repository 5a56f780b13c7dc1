#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif
package import SystemPackage

/// Keeps other processes out of a folder for as long as the lock lives. The system drops it when the process
/// ends, however it ends, so that no stale lock can stay; no file is made for it.
package struct FolderLock: ~Copyable {
    private let descriptor: FileDescriptor

    /// Takes the lock, waiting for whoever holds it. For steps that take milliseconds.
    package init(waitingFor folder: FilePath) throws(DiskError) {
        let descriptor = try FolderLock.open(folder)
        _ = try FolderLock.lock(descriptor, folder, LOCK_EX)
        self.descriptor = descriptor
    }

    /// Takes the lock; nil at once if somebody else holds it.
    package init?(trying folder: FilePath) throws(DiskError) {
        let descriptor = try FolderLock.open(folder)
        guard try FolderLock.lock(descriptor, folder, LOCK_EX | LOCK_NB) else { return nil }
        self.descriptor = descriptor
    }

    deinit {
        // Closing alone would leave the lock with a child that was forked and has not yet become another program.
        flock(descriptor.rawValue, LOCK_UN)
        try? descriptor.close()
    }

    private static func open(_ folder: FilePath) throws(DiskError) -> FileDescriptor {
        try attempt("open", folder) { try FileDescriptor.open(folder, .readOnly, options: [.directory, .closeOnExec]) }
    }

    /// Whether the lock was taken; where it was not, the descriptor is closed.
    private static func lock(_ descriptor: FileDescriptor, _ folder: FilePath, _ mode: Int32) throws(DiskError) -> Bool {
        while flock(descriptor.rawValue, mode) != 0 {
            let code = Errno(rawValue: errno)
            guard code == .interrupted else {
                try? descriptor.close()
                if code == .wouldBlock { return false }
                throw DiskError("lock", folder, code)
            }
        }
        return true
    }
}
