/// One start of the game on a generation that is on trial, as it is recorded before any of its code runs.
package struct Start: Hashable, Sendable {
    /// The process that runs it.
    package var process: ProcessIdentity
    /// Seconds since 1970, for people: clocks are set back and forward, so it decides nothing.
    package var time: Int64
    /// How many processes the kernel had killed for lack of memory since it booted.
    package var memoryKills: UInt64

    package init(process: ProcessIdentity, time: Int64, memoryKills: UInt64) {
        self.process = process
        self.time = time
        self.memoryKills = memoryKills
    }
}

/// What became of a recorded start.
package enum StartOutcome: Hashable, Sendable {
    /// The process is still there: the first of two that run at once.
    case running
    /// It is gone without a word, while the machine stayed up and had memory: the release is to blame.
    case crashed
    /// It is gone, and something else explains it: the machine restarted or ran out of memory.
    case excused
}

extension Start {
    /// Judges this start from what the machine says now. The rules stand in `docs/store.md`.
    package func outcome(on machine: MachineState, isRunning: (ProcessIdentity) -> Bool) -> StartOutcome {
        if process.boot != machine.boot { return .excused }
        if isRunning(process) { return .running }
        return machine.memoryKills > memoryKills ? .excused : .crashed
    }
}
