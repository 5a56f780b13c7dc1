internal import InstarStore
internal import InstarThreads

/// What the generations of a store take on the disk, and what of it they share.
public struct StoreUsage: Sendable, Hashable {
    /// One generation's part.
    public struct Share: Sendable, Hashable {
        public var generation: UInt64
        /// Bytes of files that no other generation has.
        public var own: UInt64
        /// Bytes of files that other generations have too.
        public var shared: UInt64
    }

    /// A release in the making.
    public struct Unfinished: Sendable, Hashable {
        /// Of its manifest, in hexadecimal.
        public var digest: String
        /// Bytes on the disk that removing it would give back.
        public var bytes: UInt64
    }

    /// By generation; one whose inventory is lost is not among them.
    public var shares: [Share]
    /// Bytes of all files, each counted once however many generations have it.
    public var total: UInt64
    /// Generations that collecting garbage would remove, unless a process runs them.
    public var collectable: [UInt64]
    /// Bytes that collecting garbage would free.
    public var freed: UInt64
    /// What an update that is at work, or was cut off, has staged.
    public var unfinished: Unfinished?
}

extension Updater {
    /// Adds up which files the generations share: reads what was noted of every file when it was staged, some hundred bytes
    /// each, looks at what is staged, and takes no lock.
    ///
    /// - Parameter keeping: how many generations a collection would keep; the configured number where nil.
    public func usage(keeping: Int? = nil) throws(UpdateError) -> StoreUsage {
        let usage = try UpdateError.translating { try store.usage(keeping: keeping ?? configuration.keptGenerations) }
        return StoreUsage(
            shares: usage.shares.map { StoreUsage.Share(generation: $0.generation, own: $0.own, shared: $0.shared) }, total: usage.total,
            collectable: usage.collectable, freed: usage.freed,
            unfinished: usage.unfinished.map { StoreUsage.Unfinished(digest: "\($0.digest)", bytes: $0.bytes) })
    }
}
