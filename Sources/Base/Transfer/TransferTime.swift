#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// The two clocks of a transfer, in seconds.
enum TransferTime {
    /// Never goes back; for waits and rates.
    static var now: Double { read(CLOCK_MONOTONIC) }
    /// Since 1970; for scores, which outlive the machine's uptime.
    static var wall: Double { read(CLOCK_REALTIME) }

    private static func read(_ clock: clockid_t) -> Double {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
