internal import InstarDisk
package import InstarManifest
package import SystemPackage

/// What a launch decided.
package struct LaunchDecision: Sendable {
    /// The generation to run; nil for the shipped directory.
    package let generation: Generation?
    /// Its folder, or the shipped directory; nil where there is neither.
    package let path: FilePath?
    /// True where the generation is unproven: call `confirm` once it works, `recordCleanExit` when the player quits.
    package let isTrial: Bool
    /// Releases that this launch banned for their crashes.
    package let banned: [ReleaseIdentity]
    /// Why nothing could be recorded, where that was so; then only proven code is handed out.
    package let warning: StoreError?
    /// Keeps the generation on disk for as long as it runs.
    package let lease: Lease?
}

// The launch guard. Offline, and without waiting for a writer: two small files read and, on trial, one replaced.
extension Store {
    /// Decides what to run: judges what became of earlier starts, bans and falls back where a trial has used up its starts,
    /// activates what waits for a launch, and records this start durably where the generation is unproven.
    ///
    /// - Parameters:
    ///   - shipped: the directory that came with the app, the last resort.
    ///   - crashes: how many starts of an unproven release may crash.
    package func launch(shipped: FilePath? = nil, crashes: Int = StoreLimits.crashes) throws(StoreError) -> LaunchDecision {
        let start: Start
        let before: StoreState
        let after: StoreState
        let leases = try? folder(.leases)
        let guarding = try launchLock()
        before = try state()
        // A start that says of another process than this one that it runs would count as a crash at the next.
        do throws(StoreError) { start = try currentStart() } catch {
            return provenOnly(before, shipped: shipped, warning: error, leases: leases)
        }
        let decided = decide(before, start: start, crashes: crashes)
        do throws(StoreError) {
            // Without the lock nothing may be changed; a state that stays the same needs no lock.
            guard decided == before || guarding != nil else { throw .stateBusy }
            after = try changeLocked { _ in decided }
        } catch {
            return provenOnly(decided, shipped: shipped, warning: error, leases: leases)
        }
        let banned = after.bans.filter { before.ban(of: $0.digest) == nil }.map(\.digest)
        return decision(
            after, shipped: shipped, banned: before.generations.map(\.release).filter { banned.contains($0.digest) }, warning: nil,
            leases: leases)
    }

    /// What the state is to be with this start in it.
    private func decide(_ state: StoreState, start: Start, crashes: Int) -> StoreState {
        let machine = MachineState(boot: start.process.boot, memoryKills: start.memoryKills)
        var decided = state.counting(limit: crashes, time: start.time) { $0.outcome(on: machine, isRunning: Machine.isRunning) }
        if let pending = decided.pending, isThere(pending), let activated = try? decided.activating(pending) { decided = activated }
        // A generation whose folder somebody removed is not one that can be started.
        while let active = decided.active, isGone(active) { decided = decided.losing(active) }
        return decided.trial == nil ? decided : decided.beginning(start)
    }

    /// True only where the file system says so: a call that fails for another reason makes no generation forgotten.
    private func isGone(_ number: UInt64) -> Bool {
        guard let generations = try? folder(.generations) else { return false }
        do { return try generations.status(of: String(number))?.kind != .directory } catch { return false }
    }

    private func isThere(_ number: UInt64) -> Bool {
        guard let generations = try? folder(.generations) else { return false }
        return (try? generations.directory(String(number))) != nil
    }

    /// The decision where this start cannot be recorded: new code does not run then, the last proven generation does.
    private func provenOnly(_ state: StoreState, shipped: FilePath?, warning: StoreError, leases: Directory?) -> LaunchDecision {
        var proven = state
        if state.activeGeneration?.confirmed == nil {
            proven.generations.removeAll { $0.confirmed == nil || !isThere($0.number) }
            proven.active = proven.previous?.number
            proven.trial = nil
        }
        return decision(proven, shipped: shipped, banned: [], warning: warning, leases: leases)
    }

    private func decision(
        _ state: StoreState, shipped: FilePath?, banned: [ReleaseIdentity], warning: StoreError?, leases: Directory?
    ) -> LaunchDecision {
        let generation = state.activeGeneration
        // A lease that cannot be had does not keep a game from starting: the active generation is not collected anyway.
        let lease: Lease? = if let generation, let leases { try? leaseLocked(generation.number, in: leases) } else { nil }
        return LaunchDecision(
            generation: generation, path: generation.map { path(of: $0.number) } ?? shipped, isTrial: state.trial != nil, banned: banned,
            warning: warning, lease: lease)
    }

    /// The state's lock, or nil where it cannot be had in time: its holder was stopped, or the disk takes no new file.
    private func launchLock() throws(StoreError) -> FileLock? {
        try inspect(file: "state.lock")
        guard let outcome = try? FileLock.wait(.exclusive, "state.lock", in: root, milliseconds: StoreLimits.launchWait) else { return nil }
        switch consume outcome {
        case .acquired(let lock): return lock
        case .busy: return nil
        }
    }
}
