package import InstarCryptography
internal import InstarDisk
internal import SystemPackage

/// What the generations of a store take on the disk, and what they share. By their inventories: of generations nothing is looked
/// at on disk.
package struct StoreUsage: Hashable, Sendable {
    /// One generation's part.
    package struct Share: Hashable, Sendable {
        package var generation: UInt64
        /// Bytes of files that no other generation has.
        package var own: UInt64 = 0
        /// Bytes of files that others have too.
        package var shared: UInt64 = 0
    }

    /// A release in the making.
    package struct Unfinished: Hashable, Sendable {
        package var digest: Digest
        /// Bytes of its files that no generation has.
        package var bytes: UInt64
    }

    /// By generation; one whose inventory is lost is not among them.
    package var shares: [Share] = []
    /// Bytes of all files, each counted once however many generations have it.
    package var total: UInt64 = 0
    /// Generations that a collection would remove, unless a process runs them.
    package var collectable: [UInt64] = []
    /// Bytes that this would free.
    package var freed: UInt64 = 0
    /// What an update that is at work, or was cut off, has staged.
    package var unfinished: Unfinished?
}

extension Store {
    /// Adds up who has which files.
    ///
    /// - Parameter keeping: how many generations a collection is to keep.
    package func usage(keeping: Int = 2) throws(StoreError) -> StoreUsage {
        let state = try state()
        var usage = StoreUsage()
        usage.collectable = state.collectable(keeping: keeping).map(\.number)
        var holdings: [Holding] = []
        for generation in state.generations {
            guard let inventory = try inventoryUnlessDamaged(generation.number) else { continue }
            let owner = usage.shares.count
            usage.shares.append(StoreUsage.Share(generation: generation.number))
            for index in 0..<inventory.count {
                let facts = inventory.facts(index)
                if facts.isFile { holdings.append(Holding(inode: facts.inode, size: facts.size, owner: owner)) }
            }
        }
        usage.add(holdings)
        usage.unfinished = unfinished()
        return usage
    }

    /// The release in the making; nil too where a writer takes it away while this looks.
    private func unfinished() -> StoreUsage.Unfinished? {
        guard let staging = try? folder(.staging), let entries = try? staging.entries() else { return nil }
        for entry in entries where entry.kind == .directory {
            guard let digest = Digest(hexadecimal: entry.name.string) else { continue }
            return (try? staging.directory(entry.name).allocated()).map { StoreUsage.Unfinished(digest: digest, bytes: $0) }
        }
        return nil
    }
}

/// A file that a generation has.
private struct Holding {
    let inode: UInt64
    let size: UInt64
    /// Index of its generation.
    let owner: Int
}

extension StoreUsage {
    fileprivate mutating func add(_ holdings: [Holding]) {
        let leaving = shares.map { collectable.contains($0.generation) }
        let holdings = holdings.sorted { $0.inode < $1.inode }
        var start = 0
        while start < holdings.count {
            let end = holdings[start...].firstIndex { $0.inode != holdings[start].inode } ?? holdings.count
            let owners = holdings[start..<end]
            let size = holdings[start].size
            total += size
            for owner in owners.map(\.owner) {
                if owners.count == 1 { shares[owner].own += size } else { shares[owner].shared += size }
            }
            if owners.allSatisfy({ leaving[$0.owner] }) { freed += size }
            start = end
        }
    }
}
