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
        let start = isRunning ? try currentStart() : nil
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
        let name = staged.release.digest.description
        do throws(StoreError) {
            let staging = try folder(.staging)
            let generation = try moveAndChange(staged, from: staging, transition)
            _ = try? staging.removeDirectory(name)
            return generation
        } catch {
            removeStaging(name, after: error)
            throw error
        }
    }

    /// Both renames and the new state, under the state's lock, so that nobody else takes the number.
    private func moveAndChange(
        _ staged: borrowing StagedGeneration, from staging: Directory, _ transition: (StoreState, UInt64) throws(StateError) -> StoreState
    ) throws(StoreError) -> Generation {
        let generations = try folder(.generations)
        let leases = try folder(.leases)
        let (release, files, size, written) = (staged.release, staged.files, staged.size, staged.written)
        let making = try onDisk { () throws(DiskError) in try staging.directory(release.digest.description) }
        return try withStateLock { () throws(StoreError) in
            let old = try self.state()
            let new = try onState { () throws(StateError) in
                try transition(try old.adopting(release, files: files, size: size, written: written), old.next)
            }
            guard let generation = new.generation(old.next) else { throw .damaged("generation \(old.next) was lost on its way") }
            do throws(StoreError) {
                try onDisk { () throws(DiskError) in try moveIn(making, generations, number: old.next) }
                // Made now, so that a launch on a full disk finds it.
                _ = try? FileLock.attempt(.shared, String(old.next), in: leases)
                try changeLocked { _ in new }
                return generation
            } catch {
                // A disk that took the new state and then nothing more keeps it, and then the tree has to stay with it. Where the
                // state cannot even be read, the next writer's recovery sees what it says.
                if let now = try? self.state(), now.generation(old.next) == nil { moveBack(making, generations, number: old.next) }
                throw error
            }
        }
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
