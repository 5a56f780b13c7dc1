internal import InstarCryptography
internal import InstarDisk
internal import InstarManifest
internal import SystemPackage

// From a sealed staging folder to a generation: two renames inside the store, then the one of `state`.
extension Store {
    /// Makes a staged release a generation of this store, without activating it.
    package func adopt(_ staged: consuming StagedGeneration, holding lock: borrowing WriterLock) throws(StoreError) -> Generation {
        try adopt(staged) { state, _ in state }
    }

    /// Makes a staged release a generation and the active one, on trial, in one step.
    ///
    /// - Parameter isRunning: true where this very process runs it from now on, so that its crash counts.
    package func activate(
        _ staged: consuming StagedGeneration, isRunning: Bool = false, holding lock: borrowing WriterLock
    ) throws(StoreError) -> Generation {
        let start = isRunning ? currentStart() : nil
        return try adopt(staged) { state, number throws(StateError) in
            let active = try state.activating(number)
            return start.map { active.beginning($0) } ?? active
        }
    }

    /// Makes a staged release a generation that the next launch activates.
    package func activateAtNextLaunch(_ staged: consuming StagedGeneration, holding lock: borrowing WriterLock) throws(StoreError)
        -> Generation
    {
        try adopt(staged) { state, number throws(StateError) in try state.deferring(number) }
    }

    private func adopt(
        _ staged: consuming StagedGeneration, then transition: (StoreState, UInt64) throws(StateError) -> StoreState
    ) throws(StoreError) -> Generation {
        let staging = try folder(.staging)
        let generations = try folder(.generations)
        let leases = try folder(.leases)
        let name = staged.release.digest.description
        let making = try onDisk { () throws(DiskError) in try staging.directory(name) }
        let (release, files, size, written) = (staged.release, staged.files, staged.size, staged.written)
        let state = try withStateLock { () throws(StoreError) in
            let old = try self.state()
            let new = try onState { () throws(StateError) in
                try transition(try old.adopting(release, files: files, size: size, written: written), old.next)
            }
            do throws(StoreError) {
                try onDisk { () throws(DiskError) in
                    try moveIn(making, generations, number: old.next)
                    // Made now, so that a launch on a full disk finds it.
                    _ = try? FileLock.attempt(.shared, String(old.next), in: leases)
                }
                return try changeLocked { _ in new }
            } catch {
                moveBack(making, generations, number: old.next)
                throw error
            }
        }
        _ = try? staging.removeDirectory(name)
        guard let generation = state.generation(of: release.digest) else { throw .damaged("the state lost generation \(state.next)") }
        return generation
    }

    private func moveIn(_ making: Directory, _ generations: Directory, number: UInt64) throws(DiskError) {
        try making.rename("inventory", to: "\(number).inventory", in: generations)
        try making.rename("tree", to: String(number), in: generations)
        try generations.sync()
        try making.sync()
    }

    /// Undoes what of `moveIn` was done. Where that fails too, the next writer's recovery does it.
    func moveBack(_ making: Directory, _ generations: Directory, number: UInt64) {
        try? generations.rename(String(number), to: "tree", in: making)
        try? generations.rename("\(number).inventory", to: "inventory", in: making)
    }
}
