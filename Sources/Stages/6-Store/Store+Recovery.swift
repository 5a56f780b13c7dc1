internal import InstarCryptography
internal import InstarDisk
internal import InstarManifest
internal import SystemPackage

// What a killed writer left is finished or undone by the next one, before it does anything else.
extension Store {
    /// Brings the folders in line with the state. Calling it again changes nothing.
    func recover(_ lock: borrowing WriterLock) throws(StoreError) {
        let generations = try folder(.generations)
        let staging = try folder(.staging)
        let state = try withStateLock { () throws(StoreError) -> StoreState in
            let state = try self.state()
            try onDisk { () throws(DiskError) in _ = try root.remove("state.new") }
            try recoverLeases(state)
            return state
        }
        let unlisted = try generationNumbers().filter { state.generation($0) == nil }
        // No writer leaves such a number: the state was lost or is an old one, and what it does not list is not to be removed.
        if unlisted.contains(where: { $0 > state.next }) { throw .stateLost("it is missing or older than the generations") }
        for number in unlisted {
            if number < state.next {
                // It was collected: go on.
                _ = try clear(number, discardingForeign: false)
            } else {
                try undoAdoption(number, generations, staging)
            }
        }
        try recoverStaging(state, staging)
    }

    /// The number in `12` or `12.inventory`; nil for names that are not Instar's.
    static func generationNumber(_ name: String) -> UInt64? {
        let digits = name.hasSuffix(".inventory") ? name.dropLast(".inventory".count) : name[...]
        guard let number = UInt64(digits), String(number) == digits else { return nil }
        return number
    }

    /// Moves a tree that was not listed yet back to where it was staged.
    func undoAdoption(_ number: UInt64, _ generations: Directory, _ staging: Directory) throws(StoreError) {
        guard let inventory = try inventoryUnlessDamaged(number) else {
            // Without an inventory nobody knows whose it is; nothing was ever verified in it.
            try trash(String(number), of: generations)
            try onDisk { () throws(DiskError) in _ = try generations.remove("\(number).inventory") }
            return
        }
        try onDisk { () throws(DiskError) in
            let making = try staging.directory(creating: inventory.release.digest.description)
            moveBack(making, generations, number: number)
            // What could not be moved is in the way of something newer: it goes.
            try generations.removeTree(String(number))
            try generations.remove("\(number).inventory")
        }
    }

    private func recoverStaging(_ state: StoreState, _ staging: Directory) throws(StoreError) {
        try onDisk { () throws(DiskError) in
            for entry in try staging.entries() {
                let name = entry.name.string
                let digest = Digest(hexadecimal: name)
                let isComplete = digest.flatMap { state.generation(of: $0) } != nil
                if isComplete || Self.temporarySuffixes.contains(where: name.hasSuffix) { try staging.removeTree(entry.name) }
            }
        }
    }

    /// What in `staging` ends with the run that made it.
    private static let temporarySuffixes = [".trash", ".repair", ".new"]

    private func recoverLeases(_ state: StoreState) throws(StoreError) {
        let leases = try folder(.leases)
        for entry in try onDisk({ () throws(DiskError) in try leases.entries() }) {
            guard let number = UInt64(entry.name.string), number < state.next, state.generation(number) == nil else { continue }
            if try !isLeased(number, in: leases) { try onDisk { () throws(DiskError) in _ = try leases.remove(entry.name) } }
        }
    }

    /// Takes a tree out of the way with one rename, then deletes it.
    func trash(_ name: String, of folder: Directory) throws(StoreError) {
        let staging = try self.folder(.staging)
        try onDisk { () throws(DiskError) in
            guard try folder.status(of: name) != nil else { return }
            let trash = "\(name).\(UInt32.random(in: .min ... .max)).trash"
            try folder.rename(name, to: trash, in: staging)
            // Gone for good before anything that follows: what was renamed between two folders may else be back after a power cut.
            try folder.sync()
            try staging.sync()
            try staging.removeTree(trash)
        }
    }
}
