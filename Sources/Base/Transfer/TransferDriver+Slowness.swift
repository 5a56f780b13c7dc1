/// Requests that are moved away from a mirror which delivers, but much less than another one would.
extension TransferDriver {
    /// Sends slow requests elsewhere, for the rest of what they are to fetch. Each leaves a mirror once at most, so that two
    /// slow mirrors do not pass it to and fro.
    func moveSlow(_ now: Double) {
        // Under a rate limit the speed is the limit's, not the mirror's.
        guard mirrors.count > 1, pace.limiter.rate == nil, !pace.isPaused else { return }
        for flow in running {
            guard let attempt = flow.running, attempt.holds.isEmpty, let speed = attempt.speed(now: now),
                isBetterElsewhere(flow, attempt, speed, now)
            else { continue }
            stopRequest(of: flow)
            noteDelivery(attempt)
            flow.attempts.moved(from: attempt.mirror)
            scores.failed(mirrors[attempt.mirror].shown, weight: TransferLimits.slowPenalty, now: TransferTime.wall)
            flow.notBefore = 0
            waiting.append(flow)
        }
    }

    private func isBetterElsewhere(_ flow: Flow, _ attempt: Attempt, _ speed: Double, _ now: Double) -> Bool {
        mirrors.indices.contains { other in
            guard other != attempt.mirror, flow.attempts.isOpen(other, now: now), resting[other] <= now else { return false }
            let known = scores.scores[mirrors[other].shown]?.bytesPerSecond
            // One request is enough to learn what an unknown mirror gives: on a slow line all requests are slow.
            if known == nil, running.contains(where: { $0.running?.mirror == other }) { return false }
            return Slowness.isWorthMoving(from: speed, to: known)
        }
    }

    /// When the next window of a running request ends, where there is a choice.
    func nextSlownessCheck(_ now: Double) -> Double {
        guard mirrors.count > 1, pace.limiter.rate == nil else { return .infinity }
        return running.compactMap { $0.running?.slownessDeadline(now: now) }.min() ?? .infinity
    }
}
