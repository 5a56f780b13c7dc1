internal import InstarCryptography
internal import InstarDisk
internal import InstarManifest
internal import SystemPackage

/// What a collection did.
package struct CollectReport: Hashable, Sendable {
    /// Generations that were removed.
    package var removed: [Generation] = []
    /// Generations that would have gone, but some process runs them.
    package var inUse: [UInt64] = []
    /// Files that somebody else had put into removed generations, now below `rescued/<n>/`.
    package var rescued: [String] = []
}

extension Store {
    /// Removes generations that nothing needs: banned ones, and the oldest beyond `keeping`. Never removed are the active
    /// generation, the one that waits for a launch, the one to fall back to, and any that a process runs.
    ///
    /// - Parameters:
    ///   - keeping: how many generations to have in the end, at least.
    ///   - discardingForeign: deletes files that Instar did not put there, in place of moving them to `rescued`.
    package func collect(
        keeping: Int = 2, discardingForeign: Bool = false, holding lock: borrowing WriterLock
    ) throws(StoreError) -> CollectReport {
        var report = CollectReport()
        let leases = try folder(.leases)
        let state = try change { state throws(StoreError) in
            report = CollectReport()
            for generation in state.collectable(keeping: keeping) {
                if try isLeased(generation.number, in: leases) {
                    report.inUse.append(generation.number)
                } else {
                    report.removed.append(generation)
                }
            }
            let numbers = Set(report.removed.map(\.number))
            return try onState { () throws(StateError) in try state.collecting(numbers) }
        }
        for generation in report.removed { report.rescued += try clear(generation.number, discardingForeign: discardingForeign) }
        try collectObjects(state)
        return report
    }

    /// Removes what is on disk of a generation that the state no longer lists; answers what was rescued from it.
    func clear(_ number: UInt64, discardingForeign: Bool) throws(StoreError) -> [String] {
        let generations = try folder(.generations)
        let rescued = discardingForeign ? [] : try rescue(number)
        try retire(number)
        // The tree is gone for good before its inventory is: without one nobody could tell whose the files are.
        try onDisk { () throws(DiskError) in _ = try generations.remove("\(number).inventory") }
        _ = try? folder(.leases).remove(String(number))
        return rescued
    }

    /// Removes manifests and pages that no generation came from.
    func collectObjects(_ state: StoreState) throws(StoreError) {
        var pages: Set<Digest> = []
        for generation in state.generations {
            // Where an inventory is lost, so is the list of its pages: then all pages stay.
            guard let inventory = try? inventory(of: generation.number) else { return }
            pages.formUnion(inventory.pages)
        }
        let releases = Set(state.generations.map(\.release.digest))
        try manifests.collect { releases.contains($0) }
        try self.pages.collect { pages.contains($0) }
    }
}

extension StoreState {
    /// The generations that may go, oldest first, where `keeping` are to stay.
    package func collectable(keeping: Int) -> [Generation] {
        let needed = Set([active, pending, previous?.number].compactMap { $0 })
        let optional = generations.filter { !needed.contains($0.number) }
        let banned = optional.filter { ban(of: $0.release.digest) != nil }
        let others = optional.filter { ban(of: $0.release.digest) == nil }
        let surplus = max(0, others.count + needed.count - max(1, keeping))
        return banned + others.prefix(surplus)
    }
}
