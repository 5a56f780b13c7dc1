/// How much of anything a store takes. Each limit says what it stops.
package enum StoreLimits {
    /// Bytes of the state file: one that somebody grew cannot exhaust memory at launch.
    static let stateBytes = 4 << 20
    /// Bans kept: a repository of broken releases cannot grow the state for ever.
    static let bans = 1000
    /// Bytes of an inventory: some 200 for each file of the largest release.
    static let inventoryBytes = 1 << 30
    /// Bytes of one release manifest or page: content from the network that is kept whole in memory.
    static let objectBytes = 64 << 20
    /// Files of one release: a manifest of endless entries cannot fill the disk with names.
    package static let files: UInt64 = 4_000_000
    /// Bytes of one release: a manifest cannot claim a size that overflows any sum.
    package static let bytes: UInt64 = 1 << 50
    /// Directories deep that the shipped directory is searched: whatever lies there, its search ends.
    static let depth = 128
    /// How long a change of the state waits for another, in milliseconds; each takes a few.
    static let stateWait = 10_000
    /// How long asking for the writer's lock goes on, in milliseconds. Not to wait for a writer: a process that was just being
    /// started by the one that let go holds a copy of its descriptors for an instant.
    static let lockWait = 50
    /// How long it goes on where the next staging is being prepared, in milliseconds: each holding of the lock takes a few, and
    /// more only where the machine is very busy.
    static let preparingWait = 5_000
    /// How long a launch waits for the same before it goes on without a record.
    static let launchWait = 1000
    /// How many starts may crash before a release is banned.
    package static let crashes = 3
}
