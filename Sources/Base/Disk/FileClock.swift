#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// The clock that file systems take their time stamps from.
package enum FileClock {
    /// Nanoseconds since 1970.
    package static var now: Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// Whether a later write must give another time stamp than `stamp`, as it is seen at `time`. The kernel's stamps move
    /// in steps of up to 10 ms; whole seconds come from file systems that count in one or two of them.
    package static func isSettled(_ stamp: Int64, at time: Int64) -> Bool {
        stamp < time - (stamp % 1_000_000_000 == 0 ? 2_000_000_000 : 20_000_000)
    }
}
