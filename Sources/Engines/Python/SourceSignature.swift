internal import CPython

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// What a file system says of a file: as long as it stays the same, so does the content.
///
/// The time of the last change of any kind cannot be set by programs. A change within the clock's grain of the moment
/// when it was looked at could still hide, so a file as young as that has no signature: its content is read again.
struct SourceSignature: Hashable {
    private let device: UInt
    private let number: UInt
    private let size: Int
    private let modified: Int
    private let changed: Int

    /// Nil for a file that is missing, or too young to be told from its next version.
    init?(_ path: String) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        #if canImport(Darwin)
            let (modification, change) = (status.st_mtimespec, status.st_ctimespec)
        #else
            let (modification, change) = (status.st_mtim, status.st_ctim)
        #endif
        var now = timespec()
        guard unsafe clock_gettime(CLOCK_REALTIME, &now) == 0 else { return nil }
        changed = SourceSignature.nanoseconds(change)
        let age = SourceSignature.nanoseconds(now) - changed
        // Linux stamps files by a clock that ticks every 4 to 10 ms; file systems without fractions do so every two seconds.
        guard age > (change.tv_nsec == 0 ? 2_500_000_000 : 50_000_000) else { return nil }
        device = UInt(truncatingIfNeeded: status.st_dev)
        number = UInt(truncatingIfNeeded: status.st_ino)
        size = Int(truncatingIfNeeded: status.st_size)
        modified = SourceSignature.nanoseconds(modification)
    }

    private static func nanoseconds(_ time: timespec) -> Int { Int(time.tv_sec) &* 1_000_000_000 &+ Int(time.tv_nsec) }
}
