/// What is known of each mirror: how much it failed lately and how fast it is. A value that outlives the run;
/// whoever owns the store writes it.
package struct MirrorScores: Codable, Hashable, Sendable {
    /// What is known of one mirror.
    package struct Score: Codable, Hashable, Sendable {
        /// Sum of penalties, halved every `halfLife` seconds.
        package var penalty = 0.0
        /// Bytes a second of one stream, a moving average; nil before the first measurement.
        package var bytesPerSecond: Double?
        /// When `penalty` was last brought up to date, in seconds since 1970.
        package var updated = 0.0
    }

    /// Seconds in which half of a mirror's sins are forgotten: ten minutes.
    package static let halfLife = 600.0
    /// Each so-many-th choice goes to the mirror that is known least, so that a mirror which has become fast is found.
    package static let explorationInterval = 8
    /// The most mirrors that are remembered. Stops a state file from growing with every address ever used.
    package static let capacity = 64

    /// By base address without credentials.
    package private(set) var scores: [String: Score] = [:]

    package init() {}

    /// Lowers the score of `mirror` by `weight`. `now` in seconds since 1970.
    package mutating func failed(_ mirror: String, weight: Double, now: Double) {
        update(mirror, now) { $0.penalty = min($0.penalty + weight, 100) }
    }

    /// Records that `bytes` came from `mirror` within `seconds` of waiting for it.
    package mutating func delivered(_ mirror: String, bytes: UInt64, seconds: Double, now: Double) {
        // Short answers measure the round trip, not the line.
        guard bytes >= TransferLimits.progressBytes, seconds > 0 else { return }
        let speed = Double(bytes) / seconds
        update(mirror, now) { score in
            score.bytesPerSecond = score.bytesPerSecond.map { $0 * 0.7 + speed * 0.3 } ?? speed
        }
    }

    /// The mirrors from best to worst. Equal ones stay in the order given; `turn` counts the choices made so far.
    package func order(of mirrors: [String], turn: Int, now: Double) -> [Int] {
        let fastest = mirrors.compactMap { scores[$0]?.bytesPerSecond }.max() ?? 1
        let worths = mirrors.map { worth(of: $0, fastest: fastest, now: now) }
        var order = mirrors.indices.sorted { (-worths[$0], $0) < (-worths[$1], $1) }
        guard turn % Self.explorationInterval == Self.explorationInterval - 1 else { return order }
        // Only a mirror without recent sins is worth an experiment with the player's time.
        let candidates = order.dropFirst().filter { penalty(of: mirrors[$0], now: now) < 0.5 }
        let leastKnown = candidates.min { (scores[mirrors[$0]]?.updated ?? 0) < (scores[mirrors[$1]]?.updated ?? 0) }
        if let leastKnown {
            order.removeAll { $0 == leastKnown }
            order.insert(leastKnown, at: 0)
        }
        return order
    }

    /// The penalty of `mirror` as of `now`.
    package func penalty(of mirror: String, now: Double) -> Double {
        scores[mirror].map { $0.penalty * Self.decay(from: $0.updated, to: now) } ?? 0
    }

    private func worth(of mirror: String, fastest: Double, now: Double) -> Double {
        // An unmeasured mirror is taken to be half as fast as the best: worth trying where the best one fails.
        let speed = scores[mirror]?.bytesPerSecond ?? fastest / 2
        let isKnown = scores.values.contains { $0.bytesPerSecond != nil }
        return (isKnown ? speed / fastest : 1) / (1 + penalty(of: mirror, now: now))
    }

    private mutating func update(_ mirror: String, _ now: Double, _ change: (inout Score) -> Void) {
        var score = scores[mirror] ?? Score(updated: now)
        score.penalty *= Self.decay(from: score.updated, to: now)
        score.updated = now
        change(&score)
        scores[mirror] = score
        if scores.count > Self.capacity, let oldest = scores.min(by: { $0.value.updated < $1.value.updated })?.key {
            scores[oldest] = nil
        }
    }

    /// A clock that was set back does not bring penalties back.
    private static func decay(from then: Double, to now: Double) -> Double {
        var factor = 1.0
        var age = max(0, now - then)
        while age >= halfLife, factor > 1e-6 {
            factor /= 2
            age -= halfLife
        }
        return factor * (1 - 0.5 * min(age, halfLife) / halfLife)
    }
}
