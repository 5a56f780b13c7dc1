/// What one request does next: ask a mirror, wait, or give up. A pure value: time, chance and the ranking of mirrors
/// come from outside, so every path through it is tested without a network.
package struct TransferAttempts: Hashable, Sendable {
    package enum Decision: Hashable, Sendable {
        case attempt(mirror: Int)
        /// Nobody may be asked before this time.
        case wait(until: Double)
        /// The fault to report, and where it happened.
        case giveUp(TransferFault, mirror: Int)
    }

    private struct Mirror: Hashable, Sendable {
        /// Failures since it last made progress here.
        var failures = 0
        var rejections = 0
        /// The earliest time for the next attempt.
        var notBefore = 0.0
        /// Set once there is no use in asking this mirror for this object again.
        var isExcluded = false
        var lastFault: TransferFault?
        /// Set once the request left it for its slowness: asked again only where nobody else is ready.
        var isSlow = false
    }

    private var mirrors: [Mirror]
    private var failuresInARow = 0
    private var lastFailure: (fault: TransferFault, mirror: Int)? {
        guard let lastFailedMirror, let fault = mirrors[lastFailedMirror].lastFault else { return nil }
        return (fault, lastFailedMirror)
    }
    private var lastFailedMirror: Int?
    private let failureLimit: Int
    private let firstBackoff: Double

    /// `failureLimit` counts failures in a row without progress, over all mirrors; each mirror gets at least one try.
    package init(
        mirrorCount: Int, failureLimit: Int = TransferLimits.failuresInARow, firstBackoff: Double = TransferLimits.firstBackoff
    ) {
        mirrors = Array(repeating: Mirror(), count: mirrorCount)
        self.failureLimit = max(failureLimit, mirrorCount)
        self.firstBackoff = firstBackoff
    }

    /// The next step at time `now`. `order` names the mirrors from best to worst, `resting` until when each asked
    /// not to be disturbed by anybody.
    package func decide(now: Double, order: [Int], resting: [Double]) -> Decision {
        let usable = order.filter { !mirrors[$0].isExcluded }
        if usable.isEmpty || failuresInARow >= failureLimit, let reported = reportedFailure {
            return .giveUp(reported.fault, mirror: reported.mirror)
        }
        let ready = { (mirror: Int) in max(mirrors[mirror].notBefore, resting[mirror]) }
        let atOnce = usable.filter { ready($0) <= now }
        if let mirror = atOnce.first(where: { !mirrors[$0].isSlow }) ?? atOnce.first { return .attempt(mirror: mirror) }
        return .wait(until: usable.map(ready).min() ?? now)
    }

    /// Enough bytes came from `mirror`: earlier failures say nothing about the next attempt.
    package mutating func progressed(mirror: Int) {
        failuresInARow = 0
        mirrors[mirror].failures = 0
        if !mirrors[mirror].isExcluded { mirrors[mirror].lastFault = nil }
    }

    /// The request leaves `mirror`, which delivers too slowly. No failure: it is asked again where the others fail.
    package mutating func moved(from mirror: Int) { mirrors[mirror].isSlow = true }

    /// Whether a request that runs elsewhere may be moved to `mirror`.
    package func isOpen(_ mirror: Int, now: Double) -> Bool {
        !mirrors[mirror].isExcluded && !mirrors[mirror].isSlow && mirrors[mirror].notBefore <= now && mirrors[mirror].failures == 0
    }

    /// An attempt at `mirror` ended with `fault`. `chance` in 0..<1 spreads the waits of many clients.
    package mutating func failed(_ fault: TransferFault, mirror: Int, now: Double, chance: Double) {
        failuresInARow += 1
        mirrors[mirror].failures += 1
        mirrors[mirror].lastFault = fault
        lastFailedMirror = mirror
        switch fault.verdict {
        case .final: for index in mirrors.indices { mirrors[index].isExcluded = true }
        case .notHere: mirrors[mirror].isExcluded = true
        case .retryLater: mirrors[mirror].notBefore = now + delay(after: fault, failures: mirrors[mirror].failures, chance: chance)
        }
        if fault == .rejected {
            mirrors[mirror].rejections += 1
            mirrors[mirror].isExcluded = mirrors[mirror].rejections >= TransferLimits.rejectionsPerMirror
        }
    }

    /// Seconds to wait: what the server asks for, capped; otherwise doubled at each failure, between half and all of it.
    private func delay(after fault: TransferFault, failures: Int, chance: Double) -> Double {
        if case .status(_, let seconds?) = fault { return min(max(0, seconds), TransferLimits.retryAfterSeconds) }
        if fault == .changed { return 0 }
        let full = min(firstBackoff * Double(1 << min(failures - 1, 16)), TransferLimits.longestBackoff)
        return full * (0.5 + 0.5 * chance)
    }

    /// The fault that tells most: wrong data over a broken protocol over nobody there; the last of equals.
    private var reportedFailure: (fault: TransferFault, mirror: Int)? {
        let rank: (TransferError.Kind) -> Int = { kind in
            switch kind {
            case .cancelled, .invalidAddress: 3
            case .wrongData: 2
            case .protocolViolation: 1
            case .noServer: 0
            }
        }
        let faults = mirrors.indices.compactMap { index in mirrors[index].lastFault.map { (fault: $0, mirror: index) } }
        guard let best = faults.map({ rank($0.fault.kind) }).max() else { return nil }
        if let last = lastFailure, rank(last.fault.kind) == best { return last }
        return faults.last { rank($0.fault.kind) == best }
    }
}
