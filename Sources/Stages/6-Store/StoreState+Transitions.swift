package import InstarCryptography
package import InstarManifest

// The legal transitions. Each answers a new state or says why not; none touches a disk.
extension StoreState {
    /// Lists a complete generation, without making it active. Its number is `next`.
    package func adopting(_ release: ReleaseIdentity, files: UInt64, size: UInt64, written: UInt64) throws(StateError) -> StoreState {
        if let ban = ban(of: release.digest) { throw .banned(release, reason: ban.reason) }
        guard generation(of: release.digest) == nil else { throw .alreadyListed(release) }
        var state = self
        state.generations.append(Generation(number: next, release: release, files: files, size: size, written: written))
        state.next += 1
        return state
    }

    /// Makes a listed generation the active one, on trial unless it has been confirmed before.
    package func activating(_ number: UInt64) throws(StateError) -> StoreState {
        let generation = try usable(number)
        var state = self
        if state.pending == number { state.pending = nil }
        guard active != number else { return state }
        state.active = number
        state.trial = generation.confirmed == nil ? Trial() : nil
        return state
    }

    /// Leaves a listed generation for the next launch to activate.
    package func deferring(_ number: UInt64) throws(StateError) -> StoreState {
        _ = try usable(number)
        var state = self
        state.pending = number == active ? nil : number
        return state
    }

    /// Records a start of the active generation. A confirmed one needs no record.
    package func beginning(_ start: Start) -> StoreState {
        var state = self
        // A process that launches twice is one process: only its last start counts.
        state.trial?.starts.removeAll { $0.process == start.process }
        state.trial?.starts.append(start)
        return state
    }

    /// Forgets the start of a process that ends as it should.
    package func ending(_ process: ProcessIdentity) -> StoreState {
        var state = self
        state.trial?.starts.removeAll { $0.process == process }
        return state
    }

    /// Judges every open start; at `limit` crashes the release is banned and the one to fall back to is active.
    package func counting(limit: Int, time: Int64, outcome: (Start) -> StartOutcome) -> StoreState {
        guard var trial, let generation = activeGeneration else { return self }
        let judged = trial.starts.map { ($0, outcome($0)) }
        trial.starts = judged.filter { $0.1 == .running }.map(\.0)
        trial.crashes += judged.count { $0.1 == .crashed }
        var state = self
        state.trial = trial
        guard trial.crashes >= limit else { return state }
        let reason = "ended \(trial.crashes) times without being confirmed"
        return state.rejecting(generation.release, reason: reason, time: time)
    }

    /// Says that generation `number` works. It must be the active one: a late word about another is refused.
    package func confirming(_ number: UInt64) throws(StateError) -> StoreState {
        guard active == number, let index = generations.firstIndex(where: { $0.number == number }) else { throw .notActive(number) }
        var state = self
        state.trial = nil
        if generations[index].confirmed == nil { state.generations[index].confirmed = (generations.compactMap(\.confirmed).max() ?? 0) + 1 }
        return state
    }

    /// Bans a release and, where it is active or pending, falls back.
    package func rejecting(_ release: ReleaseIdentity, reason: String, time: Int64) -> StoreState {
        var state = self
        if ban(of: release.digest) == nil {
            state.bans.append(Ban(digest: release.digest, version: release.version, reason: reason, time: time))
            // The oldest go first: a repository that publishes broken releases for ever cannot fill the state.
            state.bans.removeFirst(max(0, state.bans.count - StoreLimits.bans))
        }
        if let pending = generation(pending), pending.release.digest == release.digest { state.pending = nil }
        if activeGeneration?.release.digest == release.digest { state.fallBack() }
        return state
    }

    /// Goes back to `number`, or to where falling back leads. With `reason`, the release that is left is banned.
    package func rollingBack(to number: UInt64?, banning reason: String?, time: Int64) throws(StateError) -> StoreState {
        guard let target = number ?? previous?.number else { throw .nothingEarlier }
        _ = try usable(target)
        guard target != active else { throw .alreadyActive(target) }
        let left = activeGeneration
        var state = try activating(target)
        state.pending = nil
        if let reason, let left { state = state.rejecting(left.release, reason: reason, time: time) }
        return state
    }

    /// Lifts a ban; the crashes that led to it are forgotten.
    package func unbanning(_ release: Digest) throws(StateError) -> StoreState {
        guard ban(of: release) != nil else { throw .notBanned(release) }
        var state = self
        state.bans.removeAll { $0.digest == release }
        return state
    }

    /// No longer lists a generation whose tree is gone from the disk; where it was active, falls back.
    package func losing(_ number: UInt64) -> StoreState {
        var state = self
        state.generations.removeAll { $0.number == number }
        if pending == number { state.pending = nil }
        if active == number { state.fallBack() }
        return state
    }

    /// No longer lists generations that are to be removed from the disk.
    package func collecting(_ numbers: Set<UInt64>) throws(StateError) -> StoreState {
        for number in numbers where number == active || number == pending { throw .inUse(number) }
        var state = self
        state.generations.removeAll { numbers.contains($0.number) }
        return state
    }

    private mutating func fallBack() {
        let target = fallback(from: active)
        active = target?.number
        trial = target == nil || target?.confirmed != nil ? nil : Trial()
    }

    private func usable(_ number: UInt64) throws(StateError) -> Generation {
        guard let generation = generation(number) else { throw .noSuchGeneration(number) }
        if let ban = ban(of: generation.release.digest) { throw .banned(generation.release, reason: ban.reason) }
        return generation
    }
}
