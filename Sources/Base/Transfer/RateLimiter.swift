/// A token bucket: how many bytes may be taken now, and when the next may. A pure value; the clock comes from outside.
package struct RateLimiter: Hashable, Sendable {
    /// The most that can be taken at once after a quiet time, in seconds of the rate. Small, so that the rate holds
    /// over a second and not only over a minute.
    package static let burstSeconds = 0.1

    /// Bytes a second; nil for no limit.
    package private(set) var rate: Double?
    private var balance: Double
    private var updated: Double

    package init(bytesPerSecond: UInt64?, now: Double) {
        rate = bytesPerSecond.map { Double(max(1, $0)) }
        balance = 0
        updated = now
    }

    /// Changes the rate. What was taken beyond the old one is still owed.
    package mutating func setRate(_ bytesPerSecond: UInt64?, now: Double) {
        refill(now)
        rate = bytesPerSecond.map { Double(max(1, $0)) }
        balance = min(balance, 0)
    }

    /// Whether bytes may be taken now. A piece larger than the balance may still be taken whole: it is then owed.
    package func mayTake(now: Double) -> Bool {
        // Less than one byte owed is a rounding error of the clock.
        rate == nil || balance(now) > -1
    }

    package mutating func take(_ bytes: Int, now: Double) {
        refill(now)
        if rate != nil { balance -= Double(bytes) }
    }

    /// The time from which bytes may be taken again.
    package func nextTime(now: Double) -> Double {
        guard let rate, balance < 0 else { return now }
        return updated + -balance / rate
    }

    private mutating func refill(_ now: Double) {
        balance = balance(now)
        updated = max(updated, now)
    }

    private func balance(_ now: Double) -> Double {
        guard let rate else { return balance }
        return min(balance + max(0, now - updated) * rate, rate * Self.burstSeconds)
    }
}
