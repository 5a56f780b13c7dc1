import InstarTransfer
import Testing

@Suite struct TransferAttemptsTests {
    private let calm = [0.0, 0.0, 0.0]

    @Test func `the best mirror is asked first`() {
        let attempts = TransferAttempts(mirrorCount: 3)
        #expect(attempts.decide(now: 0, order: [2, 0, 1], resting: calm) == .attempt(mirror: 2))
    }

    @Test(arguments: [TransferFault.status(404), .stalled, .rejected, .unreachable("refused"), .page])
    func `after any failure another mirror is asked at once`(fault: TransferFault) {
        var attempts = TransferAttempts(mirrorCount: 3)
        attempts.failed(fault, mirror: 0, now: 10, chance: 0.5)
        #expect(attempts.decide(now: 10, order: [0, 1, 2], resting: calm) == .attempt(mirror: 1))
    }

    @Test func `waits at one mirror double and are spread between half and all of their length`() {
        for chance in [0.0, 0.5, 0.999] {
            var attempts = TransferAttempts(mirrorCount: 1, failureLimit: 10, firstBackoff: 0.25)
            var expected = 0.25
            for _ in 0..<6 {
                attempts.failed(.stalled, mirror: 0, now: 100, chance: chance)
                let until = 100 + expected * (0.5 + 0.5 * chance)
                #expect(attempts.decide(now: 100, order: [0], resting: [0]) == .wait(until: until))
                #expect(attempts.decide(now: until, order: [0], resting: [0]) == .attempt(mirror: 0))
                expected = min(expected * 2, TransferLimits.longestBackoff)
            }
        }
    }

    @Test func `no wait is longer than the limit`() {
        var attempts = TransferAttempts(mirrorCount: 1, failureLimit: 100)
        for _ in 0..<60 { attempts.failed(.timedOut, mirror: 0, now: 0, chance: 0.999999) }
        guard case .wait(let until) = attempts.decide(now: 0, order: [0], resting: [0]) else {
            Issue.record("expected to wait")
            return
        }
        #expect(until <= TransferLimits.longestBackoff)
    }

    @Test func `a wait that the server asks for is obeyed and capped`() {
        for (asked, obeyed) in [(0.0, 0.0), (7, 7), (59, 59), (86_400, TransferLimits.retryAfterSeconds)] {
            var attempts = TransferAttempts(mirrorCount: 1)
            attempts.failed(.status(503, retryAfter: asked), mirror: 0, now: 50, chance: 0.1)
            let decision = attempts.decide(now: 50, order: [0], resting: [0])
            #expect(decision == (obeyed == 0 ? .attempt(mirror: 0) : .wait(until: 50 + obeyed)))
        }
    }

    @Test func `a mirror that asked everybody to stay away is not asked by a new request either`() {
        let attempts = TransferAttempts(mirrorCount: 2)
        #expect(attempts.decide(now: 1, order: [0, 1], resting: [20, 0]) == .attempt(mirror: 1))
        #expect(attempts.decide(now: 1, order: [0, 1], resting: [20, 30]) == .wait(until: 20))
    }

    @Test(arguments: [
        TransferFault.status(404), .status(403), .page, .encoded("gzip"), .rangeIgnored, .wrongRange(""),
        .wrongLength(expected: 1, announced: 2),
        .untrustedConnection(""), .forbiddenRedirect(""), .headTooLong, .tooLong(limit: 1), .nonsense(""),
    ])
    func `a mirror that would answer the same is not asked twice`(fault: TransferFault) {
        var attempts = TransferAttempts(mirrorCount: 1)
        attempts.failed(fault, mirror: 0, now: 0, chance: 0)
        #expect(attempts.decide(now: 1000, order: [0], resting: [0]) == .giveUp(fault, mirror: 0))
    }

    @Test func `failures without progress end it, and progress starts the count anew`() {
        var attempts = TransferAttempts(mirrorCount: 1, failureLimit: 3)
        for _ in 0..<20 {
            attempts.failed(.interrupted(""), mirror: 0, now: 0, chance: 0)
            attempts.failed(.interrupted(""), mirror: 0, now: 0, chance: 0)
            #expect(attempts.decide(now: 100, order: [0], resting: [0]) == .attempt(mirror: 0))
            attempts.progressed(mirror: 0)
        }
        for _ in 0..<3 { attempts.failed(.interrupted("x"), mirror: 0, now: 0, chance: 0) }
        #expect(attempts.decide(now: 100, order: [0], resting: [0]) == .giveUp(.interrupted("x"), mirror: 0))
    }

    @Test func `each mirror gets a try before it ends, however low the limit`() {
        var attempts = TransferAttempts(mirrorCount: 3, failureLimit: 1)
        for mirror in 0..<3 {
            #expect(attempts.decide(now: 0, order: [0, 1, 2], resting: calm) == .attempt(mirror: mirror))
            attempts.failed(.timedOut, mirror: mirror, now: 0, chance: 0.5)
        }
        #expect(attempts.decide(now: 0, order: [0, 1, 2], resting: calm) == .giveUp(.timedOut, mirror: 2))
    }

    @Test func `wrong bytes twice from one mirror end its part, once does not`() {
        var attempts = TransferAttempts(mirrorCount: 1)
        attempts.failed(.rejected, mirror: 0, now: 0, chance: 0)
        #expect(attempts.decide(now: 100, order: [0], resting: [0]) == .attempt(mirror: 0))
        // Wrong bytes are bytes too: they count as progress and must still not save it.
        attempts.progressed(mirror: 0)
        attempts.failed(.rejected, mirror: 0, now: 100, chance: 0)
        #expect(attempts.decide(now: 200, order: [0], resting: [0]) == .giveUp(.rejected, mirror: 0))
    }

    @Test func `the fault that tells most is reported`() {
        var attempts = TransferAttempts(mirrorCount: 3)
        attempts.failed(.rejected, mirror: 0, now: 0, chance: 0)
        attempts.failed(.rejected, mirror: 0, now: 0, chance: 0)
        attempts.failed(.status(404), mirror: 1, now: 0, chance: 0)
        attempts.failed(.page, mirror: 2, now: 0, chance: 0)
        #expect(attempts.decide(now: 0, order: [0, 1, 2], resting: calm) == .giveUp(.rejected, mirror: 0))
    }

    @Test func `an outage after a fault that passed is reported as an outage`() {
        var attempts = TransferAttempts(mirrorCount: 1, failureLimit: 2)
        attempts.failed(.changed, mirror: 0, now: 0, chance: 0)
        attempts.progressed(mirror: 0)
        attempts.failed(.timedOut, mirror: 0, now: 0, chance: 0)
        attempts.failed(.timedOut, mirror: 0, now: 0, chance: 0)
        #expect(attempts.decide(now: 0, order: [0], resting: [0]) == .giveUp(.timedOut, mirror: 0))
    }

    @Test func `whatever happens, it ends after few attempts`() {
        let faults: [TransferFault] = [.stalled, .status(503), .changed, .interrupted(""), .rejected, .unresolvable, .timedOut]
        for mirrorCount in 1...4 {
            for seed in 0..<200 {
                var random = Stepper(state: UInt64(seed))
                var attempts = TransferAttempts(mirrorCount: mirrorCount)
                var now = 0.0
                var tries = 0
                loop: while true {
                    switch attempts.decide(now: now, order: Array(0..<mirrorCount), resting: Array(repeating: 0, count: mirrorCount)) {
                    case .attempt(let mirror):
                        tries += 1
                        attempts.failed(faults[Int(random.next() % UInt64(faults.count))], mirror: mirror, now: now, chance: 0.5)
                    case .wait(let until):
                        #expect(until > now)
                        now = until
                    case .giveUp: break loop
                    }
                }
                #expect(tries <= TransferLimits.failuresInARow)
                #expect(now <= 60)
            }
        }
    }
}

/// A small deterministic generator (splitmix64), so that a failure can be repeated.
struct Stepper: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
