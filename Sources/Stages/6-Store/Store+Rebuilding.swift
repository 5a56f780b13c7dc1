internal import InstarDisk
internal import InstarManifest
internal import SystemPackage

/// What a rebuilt state came from.
package struct RebuildReport: Hashable, Sendable {
    /// Generations that are exactly what staging left, now listed, unconfirmed.
    package var listed: [Generation] = []
    /// Generations that are not, and what is wrong with them. What is good of them is used when their release is staged again.
    package var refused: [Refused] = []

    package struct Refused: Hashable, Sendable {
        package var generation: UInt64
        package var reason: String
    }
}

// The file `state` is lost or damaged. `docs/store.md` says what can be proven without it, and what cannot.
extension Store {
    /// Writes a state anew from the generations that are on the disk, each verified byte for byte first. Nothing is done where
    /// the state can be read and is not older than the folders.
    ///
    /// No generation is called confirmed, and no ban is known any more: the newest release is active, on trial.
    package func rebuildState(width: Int? = nil, progress: (@Sendable (UInt64) -> Void)? = nil) throws(StoreError) -> RebuildOutcome {
        try inspect(file: "lock")
        switch try onDisk({ () throws(DiskError) in try FileLock.wait(.exclusive, "lock", in: root, milliseconds: StoreLimits.lockWait) }) {
        case .busy: return .busy
        case .acquired(let lock):
            defer { withExtendedLifetime(lock) {} }
            guard try isStateLost() else { return .notNeeded }
            return .rebuilt(try rebuild(width: width, progress: progress))
        }
    }

    /// True where the state is gone, cannot be read, or is older than what is on the disk: no writer leaves a number above `next`.
    private func isStateLost() throws(StoreError) -> Bool {
        let state: StoreState
        do { state = try self.state() } catch {
            if case .stateLost = error { return true }
            throw error
        }
        let numbers = try generationNumbers()
        let isMissing = try stateBytes() == nil
        return numbers.contains { $0 > state.next } || isMissing && !numbers.isEmpty
    }

    /// The numbers of what lies in `generations`, listed or not.
    func generationNumbers() throws(StoreError) -> Set<UInt64> {
        let generations = try folder(.generations)
        return Set(try onDisk { () throws(DiskError) in try generations.entries() }.compactMap { Self.generationNumber($0.name.string) })
    }

    private func rebuild(width: Int?, progress: (@Sendable (UInt64) -> Void)?) throws(StoreError) -> RebuildReport {
        var report = RebuildReport()
        var state = StoreState()
        let numbers = try generationNumbers().sorted()
        for number in numbers {
            switch try examine(number, width: width, progress: progress) {
            case .intact(let generation) where state.generation(of: generation.release.digest) == nil:
                state.generations.append(generation)
            case .intact(let generation):
                report.refused.append(.init(generation: number, reason: "holds release \(generation.release.version) once more"))
            case .wrong(let reason):
                try setAside(number)
                report.refused.append(.init(generation: number, reason: reason))
            }
        }
        // Numbers are never used twice, those that only a rescued folder or a lease remembers included.
        state.next = try (numbers + remembered(.rescued) + remembered(.leases)).max().map { $0 + 1 } ?? 1
        let newest = state.generations.max { ($0.release.sequence, $0.number) < ($1.release.sequence, $1.number) }
        let rebuilt = try onState { () throws(StateError) in
            guard let newest else { return state }
            return try state.activating(newest.number)
        }
        report.listed = rebuilt.generations
        try withStateLock { () throws(StoreError) in
            let bytes = try rebuilt.encoded()
            try onDisk { () throws(DiskError) in try root.replace("state", with: bytes) }
        }
        return report
    }

    /// Makes an incomplete generation a release in the making again, so that what is good of it is not fetched again. What is
    /// not Instar's in it is rescued.
    private func setAside(_ number: UInt64) throws(StoreError) {
        if try isLeased(number, in: folder(.leases)) { throw .state(.inUse(number)) }
        // Without an inventory the next writer rescues the whole tree.
        guard try inventoryUnlessDamaged(number) != nil else { return }
        _ = try rescue(number)
        try undoAdoption(number, folder(.generations), folder(.staging))
    }

    private enum Examined {
        case intact(Generation)
        case wrong(String)
    }

    /// Reads all of a generation. Only an inventory that is byte for byte what staging wrote, and a tree that is what it says,
    /// make one.
    private func examine(_ number: UInt64, width: Int?, progress: (@Sendable (UInt64) -> Void)?) throws(StoreError) -> Examined {
        let generations = try folder(.generations)
        guard let inventory = try inventoryUnlessDamaged(number) else { return .wrong("its inventory is lost or damaged") }
        guard try onDisk({ () throws(DiskError) in try generations.status(of: String(number))?.kind }) == .directory else {
            return .wrong("its files are gone")
        }
        let report = try verify(number, inventory, width: width, progress: progress)
        guard report.isIntact else { return .wrong("\(report.damages.count { $0.kind != .foreign }) of its files are not as published") }
        return .intact(
            Generation(
                number: number, release: inventory.release, files: report.paths, size: report.bytes, written: report.bytes))
    }

    private func remembered(_ place: Folder) throws(StoreError) -> [UInt64] {
        let names = try folder(place)
        return try onDisk { () throws(DiskError) in try names.entries() }.compactMap { UInt64($0.name.string.prefix { $0.isNumber }) }
    }
}

/// What asking for a rebuilt state came to.
package enum RebuildOutcome: Hashable, Sendable {
    case rebuilt(RebuildReport)
    /// The state is readable and agrees with what is on the disk.
    case notNeeded
    /// Another process writes the store.
    case busy
}
