package import InstarCryptography
internal import InstarDisk
package import InstarManifest

// Decisions about generations that are there. Each is one change of the state: no writer's lock, no network, and the same
// effort whatever the size of the release.
extension Store {
    /// Makes a generation the active one, on trial unless it was confirmed before.
    ///
    /// - Parameter isRunning: true where this very process runs it from now on, so that its crash counts.
    @discardableResult
    package func activate(_ number: UInt64, isRunning: Bool = false) throws(StoreError) -> StoreState {
        let start = isRunning ? try currentStart() : nil
        return try change { state throws(StoreError) in
            let active = try onState { () throws(StateError) in try state.activating(number) }
            return start.map { active.beginning($0) } ?? active
        }
    }

    /// Leaves a generation for the next launch to activate.
    @discardableResult
    package func activateAtNextLaunch(_ number: UInt64) throws(StoreError) -> StoreState {
        try change { state throws(StoreError) in try onState { () throws(StateError) in try state.deferring(number) } }
    }

    /// Says that a generation works; without a number, the active one.
    @discardableResult
    package func confirm(_ number: UInt64? = nil) throws(StoreError) -> StoreState {
        try change { state throws(StoreError) in
            guard let number = number ?? state.active else { return state }
            return try onState { () throws(StateError) in try state.confirming(number) }
        }
    }

    /// Bans a release that does not work; where it is active, the one to fall back to becomes active in the same step.
    @discardableResult
    package func reject(_ release: ReleaseIdentity, reason: String) throws(StoreError) -> StoreState {
        try change { state in state.rejecting(release, reason: reason, time: Machine.time()) }
    }

    /// Goes back to a kept generation; without a number, to where falling back leads.
    ///
    /// - Parameter reason: bans the release that is left, for this reason; without one it may be activated again.
    @discardableResult
    package func rollback(to number: UInt64? = nil, banning reason: String? = nil) throws(StoreError) -> StoreState {
        try change { state throws(StoreError) in
            try onState { () throws(StateError) in try state.rollingBack(to: number, banning: reason, time: Machine.time()) }
        }
    }

    /// Lifts a ban.
    @discardableResult
    package func unban(_ release: Digest) throws(StoreError) -> StoreState {
        try change { state throws(StoreError) in try onState { () throws(StateError) in try state.unbanning(release) } }
    }

    /// Says that the process's run of a generation on trial ends as it should: no crash, however soon.
    package func recordCleanExit() throws(StoreError) {
        guard try state().trial != nil else { return }
        let process = try currentStart().process
        try change { state in state.ending(process) }
    }

    /// A start of this process, now.
    func currentStart() throws(StoreError) -> Start {
        try onDisk { () throws(DiskError) in
            let machine = try Machine.state()
            return Start(
                process: try Machine.currentProcess(boot: machine.boot), time: Machine.time(), memoryKills: machine.memoryKills)
        }
    }

    /// How many starts of a trial have a process that is gone. The next launch says what became of them.
    package func endedStarts(of trial: StoreState.Trial) -> Int {
        guard let machine = try? Machine.state() else { return 0 }
        return trial.starts.count { $0.outcome(on: machine, isRunning: Machine.isRunning) != .running }
    }
}
