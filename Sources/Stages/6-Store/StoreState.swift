package import InstarCryptography
internal import InstarManifest

/// Everything that a store has decided. A pure value: `docs/store.md` has its legal transitions, `StoreState+…` does them.
package struct StoreState: Hashable, Sendable {
    /// The number that the next generation gets.
    package var next: UInt64 = 1
    /// The complete generations on disk, by number.
    package var generations: [Generation] = []
    /// What a launch starts; nil for the directory that is shipped with the app.
    package var active: UInt64?
    /// What the next launch activates.
    package var pending: UInt64?
    /// Set while the active generation is unproven.
    package var trial: Trial?
    package var bans: [Ban] = []

    package init() {}

    /// What is known of an active generation that is not yet confirmed.
    package struct Trial: Hashable, Sendable {
        /// Starts that have not ended cleanly, as far as anybody knows.
        package var starts: [Start] = []
        /// Starts that ended as crashes.
        package var crashes = 0

        package init() {}
    }

    /// A release that must not run here again.
    package struct Ban: Hashable, Sendable {
        /// The release manifest's digest: the same version published again with other bytes is not banned.
        package var digest: Digest
        package var version: String
        /// For people.
        package var reason: String
        /// Seconds since 1970, for people.
        package var time: Int64

        package init(digest: Digest, version: String, reason: String, time: Int64) {
            self.digest = digest
            self.version = version
            self.reason = reason
            self.time = time
        }
    }
}

// Questions.
extension StoreState {
    /// The generation with this number.
    package func generation(_ number: UInt64?) -> Generation? {
        number.flatMap { number in generations.first { $0.number == number } }
    }

    /// The generation that holds exactly this release, banned or not.
    package func generation(of release: Digest) -> Generation? {
        generations.last { $0.release.digest == release }
    }

    package var activeGeneration: Generation? { generation(active) }

    /// Where falling back from the active generation leads; nil where that is the shipped directory.
    package var previous: Generation? { fallback(from: active) }

    package func ban(of release: Digest) -> Ban? { bans.first { $0.digest == release } }

    /// The confirmed generation that was confirmed last; without one, the newest of the others. Banned ones never.
    func fallback(from number: UInt64?) -> Generation? {
        let candidates = generations.filter { $0.number != number && ban(of: $0.release.digest) == nil }
        return candidates.max { ($0.confirmed ?? 0, $0.number) < ($1.confirmed ?? 0, $1.number) }
    }
}
