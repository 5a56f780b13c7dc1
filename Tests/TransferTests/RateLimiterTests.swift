import InstarTransfer
import Testing

@Suite struct RateLimiterTests {
    @Test(arguments: [1_000, 50_000, 1_000_000, 100_000_000] as [UInt64])
    func `over ten seconds the rate is kept to within a hundredth`(rate: UInt64) {
        var limiter = RateLimiter(bytesPerSecond: rate, now: 0)
        var now = 0.0
        var taken = 0
        while now < 100 {
            if limiter.mayTake(now: now) {
                limiter.take(16_384, now: now)
                taken += 16_384
            } else {
                let next = limiter.nextTime(now: now)
                #expect(next > now)
                now = max(next, now + 1e-9)
            }
        }
        #expect(abs(Double(taken) / 100 - Double(rate)) < Double(rate) * 0.01 + 16_384 / 50)
    }

    @Test func `a quiet time does not save up more than a short burst`() {
        var limiter = RateLimiter(bytesPerSecond: 1000, now: 0)
        var taken = 0
        while limiter.mayTake(now: 3600) {
            limiter.take(10, now: 3600)
            taken += 10
        }
        #expect(taken <= Int(1000 * RateLimiter.burstSeconds) + 20)
    }

    @Test func `without a limit everything may be taken at once`() {
        var limiter = RateLimiter(bytesPerSecond: nil, now: 0)
        limiter.take(1 << 40, now: 0)
        #expect(limiter.mayTake(now: 0))
        #expect(limiter.nextTime(now: 0) == 0)
    }

    @Test func `a new rate holds from the moment it is set`() {
        var limiter = RateLimiter(bytesPerSecond: nil, now: 0)
        limiter.take(1_000_000, now: 0.5)
        limiter.setRate(1000, now: 1)
        #expect(limiter.mayTake(now: 1))
        limiter.take(1000, now: 1)
        #expect(!limiter.mayTake(now: 1.5))
        #expect(limiter.mayTake(now: 2.01))
        limiter.take(1000, now: 2.01)
        limiter.setRate(nil, now: 2.02)
        #expect(limiter.mayTake(now: 2.02))
    }

    @Test func `a clock that stands still gives nothing twice`() {
        var limiter = RateLimiter(bytesPerSecond: 1000, now: 5)
        limiter.take(1, now: 5)
        #expect(!limiter.mayTake(now: 5))
        #expect(!limiter.mayTake(now: 4))
    }
}

@Suite struct StallClockTests {
    @Test func `a drip below the limit is a stall, whatever its rhythm`() {
        var clock = StallClock(window: 10, minimumSpeed: 100, now: 0)
        for second in 0..<10 {
            #expect(!clock.isStalled(now: Double(second)))
            clock.received(1, now: Double(second))
        }
        #expect(clock.isStalled(now: 10))
    }

    @Test func `enough bytes begin a new window`() {
        var clock = StallClock(window: 10, minimumSpeed: 100, now: 0)
        for second in stride(from: 0.0, to: 100, by: 5) {
            #expect(!clock.isStalled(now: second))
            clock.received(1000, now: second)
        }
        #expect(clock.deadline == 105)
    }

    @Test func `time in which the client paused does not count`() {
        var clock = StallClock(window: 10, minimumSpeed: 100, now: 0)
        clock.pause(now: 5)
        #expect(clock.deadline == nil)
        #expect(!clock.isStalled(now: 5000))
        clock.resume(now: 1005)
        #expect(clock.deadline == 1010)
        #expect(clock.activeSeconds(since: 0, now: 1006) == 6)
    }
}
