/// A process for good: its id is used again by others, its id with its start time and boot is not.
package struct ProcessIdentity: Hashable, Sendable {
    package var id: Int32
    /// When it started, in the kernel's own clock (ticks since boot), which nobody sets.
    package var started: UInt64
    /// Which run of the machine: changes with every boot.
    package var boot: String

    package init(id: Int32, started: UInt64, boot: String) {
        self.id = id
        self.started = started
        self.boot = boot
    }
}

/// What the machine says about itself, as far as judging a start needs it.
package struct MachineState: Hashable, Sendable {
    package var boot: String
    /// Processes killed for lack of memory since boot.
    package var memoryKills: UInt64

    package init(boot: String, memoryKills: UInt64) {
        self.boot = boot
        self.memoryKills = memoryKills
    }
}
