/// When a running game asks for updates: at an interval with jitter, so that a million clients do not ask in the same
/// second, and ever less often while the way is broken.
public struct CheckSchedule: Sendable, Hashable {
    /// Time between two checks.
    public var interval: Duration
    /// The share of the interval by which each wait is lengthened or shortened at random, from 0 to 1.
    public var jitter: Double
    /// The longest wait after repeated failures.
    public var longestWait: Duration

    /// - Parameters:
    ///   - interval: five minutes unless said.
    ///   - jitter: a fifth of the interval unless said.
    ///   - longestWait: an hour unless said.
    public init(interval: Duration = .seconds(300), jitter: Double = 0.2, longestWait: Duration = .seconds(3600)) {
        self.interval = max(interval, .milliseconds(100))
        self.jitter = min(max(jitter, 0), 1)
        self.longestWait = longestWait
    }

    /// The wait before the next check.
    ///
    /// - Parameters:
    ///   - failures: checks in a row that found the way broken; each doubles the wait.
    ///   - chance: a random number from 0 to 1, which the caller draws.
    public func wait(afterFailures failures: Int, chance: Double) -> Duration {
        let doubled = interval * (1 << min(max(failures, 0), 16))
        let bounded = failures > 0 ? min(doubled, max(longestWait, interval)) : interval
        return bounded * (1 + jitter * (2 * chance - 1))
    }
}
