#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif
internal import SystemPackage

/// A kernel lock on a whole file. It goes when its holder closes it or dies, however it dies, so a lock is never stale.
///
/// The file itself is never removed: two processes must always mean the same file.
package struct FileLock: ~Copyable, Sendable {
    package enum Mode: Sendable {
        /// Any number of holders.
        case shared
        /// One holder, and no shared ones.
        case exclusive
    }

    package enum Outcome: ~Copyable {
        case acquired(FileLock)
        case busy
    }

    private let file: File

    /// Tries once, without waiting, to lock the file `name` of `directory`, made where there is none.
    package static func attempt(_ mode: Mode, _ name: String, in directory: Directory) throws(DiskError) -> Outcome {
        let file = try open(name, in: directory)
        let request = (mode == .shared ? LOCK_SH : LOCK_EX) | LOCK_NB
        do { try systemCall("lock", file.path) { flock(file.descriptor, request) } } catch {
            if error.code == .wouldBlock { return .busy }
            throw error
        }
        return .acquired(FileLock(file: file))
    }

    /// Tries again and again, for at most `milliseconds`.
    package static func wait(_ mode: Mode, _ name: String, in directory: Directory, milliseconds: Int) throws(DiskError) -> Outcome {
        // Waiting inside the kernel could not be given up; the lock is held for milliseconds, so a short sleep loses little.
        var pause: UInt32 = 200
        var left = milliseconds * 1000
        while true {
            switch try attempt(mode, name, in: directory) {
            case .acquired(let lock): return .acquired(lock)
            case .busy: if left <= 0 { return .busy }
            }
            usleep(pause)
            left -= Int(pause)
            pause = min(pause * 2, 5000)
        }
    }

    /// Replaces the text of the locked file, for those who wonder who holds it.
    package borrowing func write(_ text: String) throws(DiskError) {
        try file.truncate(to: 0)
        try file.write(Array(text.utf8), at: 0)
    }

    private static func open(_ name: String, in directory: Directory) throws(DiskError) -> File {
        while true {
            do { return try directory.file(name, .readWrite) } catch {
                guard error.code == .noSuchFileOrDirectory else { throw error }
            }
            do { return try directory.file(name, .create(permissions: 0o644)) } catch {
                guard error.code == .fileExists else { throw error }
            }
        }
    }
}
