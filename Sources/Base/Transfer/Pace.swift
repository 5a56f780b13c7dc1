/// What all running attempts share on the loop's thread: the rate limit, the pause, and the byte counts.
final class Pace {
    var limiter: RateLimiter
    var isPaused = false
    private(set) var bytes: [UInt64]

    init(bytesPerSecond: UInt64?, mirrorCount: Int, now: Double) {
        limiter = RateLimiter(bytesPerSecond: bytesPerSecond, now: now)
        bytes = Array(repeating: 0, count: mirrorCount)
    }

    func mayTake(now: Double) -> Bool { !isPaused && limiter.mayTake(now: now) }

    func took(_ count: Int, from mirror: Int, now: Double) {
        limiter.take(count, now: now)
        bytes[mirror] += UInt64(count)
    }
}
