internal import SystemPackage
internal import InstarCryptography
internal import InstarDisk
package import InstarManifest
package import InstarPlan
internal import InstarThreads
internal import Synchronization

/// A release in the making, in `staging/<digest>/` of a store. Nothing refers to it yet: killing it at any instant loses
/// nothing but work, and a later staging of the same release goes on from what is there.
///
/// All methods may be called from any number of threads at once, for different pieces and entries.
package final class Staging: Sendable {
    package let release: ReleaseIdentity
    let store: Store
    let options: StagingOptions
    /// True where the tree has something in it already, from an interrupted staging of the same release or a spare tree: what
    /// is there may be used, but not trusted.
    package let isResumed: Bool
    /// Bytes on the disk that were there when staging began.
    private let present: UInt64
    let folder: Directory
    let folderName: String
    let tree: TreeFolders
    let base: (tree: TreeFolders, inventory: Inventory)?
    let targets: StagingTargets
    /// Where content that is at hand is copied from.
    package let sources: LocalTrees
    let records = Mutex(RecordSet())
    /// Bytes that staging added to the disk.
    let written = ByteSum()
    let earlySync: EarlySync

    init(
        store: Store, release: ReleaseIdentity, options: StagingOptions, folder: Directory, folderName: String,
        isResumed: Bool, present: UInt64 = 0, base: (tree: TreeFolders, inventory: Inventory)?
    ) throws(StoreError) {
        self.store = store
        self.release = release
        self.options = options
        self.folder = folder
        self.folderName = folderName
        self.isResumed = isResumed
        self.present = present
        self.base = base
        sources = LocalTrees(store, shipped: options.shipped)
        earlySync = EarlySync(folder, step: options.syncStep)
        tree = TreeFolders(try onDisk { () throws(DiskError) in try folder.directory(creating: "tree") }, creating: true)
        targets = StagingTargets(tree: tree, isResumed: isResumed, reservesSpace: options.reservesSpace)
    }

    /// Adds files to assemble: a plan's, or those that could not be linked after all. The first of them has the answered index,
    /// the others follow: the index that pieces and copies name. Throws, before anything is written, where they do not fit.
    @discardableResult
    package func add(_ files: [PlannedFile]) throws(StoreError) -> UInt32 {
        var needs = try store.needs(files: files, linking: 0)
        needs.bytes -= min(needs.bytes, present)
        try store.check(needs, ceiling: options.ceiling)
        return targets.add(files)
    }

    /// The file with this index.
    func planned(_ index: UInt32) -> PlannedFile { targets.planned(index) }

    /// Says that staging failed. What is there stays, to go on from, unless the disk was the reason: then its space is
    /// given back at once.
    package func giveUp(after error: any Error) {
        let disk = (error as? DiskError) ?? (error as? StoreError).flatMap { if case .disk(let disk) = $0 { disk } else { nil } }
        let full: [Bool] = [disk != nil, (error as? StoreError).map { if case .noSpace = $0 { true } else { false } } ?? false]
        if full.contains(true) { discard() }
    }

    /// Removes everything that was staged.
    package func discard() {
        targets.closeAll()
        if let staging = try? store.folder(.staging) { try? staging.removeTree(folderName) }
    }

    /// Notes a path that is complete.
    func record(_ record: FileRecord) { records.withLock { $0.append(record) } }

    var width: Int { options.width ?? Workers.processorCount }
}

extension Store {
    /// Begins, or goes on, staging a release: checks that it may be, that it fits, and clears away other releases in the making.
    ///
    /// - Parameters:
    ///   - files: the files to assemble, as far as they are known (`Staging.add` takes more).
    ///   - linked: how many files will be linked, for the disk's needs.
    package func stage(
        _ release: ReleaseIdentity, files: [PlannedFile] = [], linking linked: UInt64 = 0, options: StagingOptions = StagingOptions(),
        holding lock: borrowing WriterLock
    ) throws(StoreError) -> Staging {
        let state = try state()
        _ = try onState { () throws(StateError) in try state.adopting(release, files: 0, size: 0, written: 0) }
        let staging = try folder(.staging)
        let name = release.digest.description
        let (isResumed, present) = try prepare(staging, for: name)
        var needs = try needs(files: files, linking: linked)
        needs.bytes -= min(needs.bytes, present)
        try check(needs, ceiling: options.ceiling)
        let base = try options.base.map { number throws(StoreError) in try self.base(number) } ?? nil
        do throws(StoreError) {
            let folder = try onDisk { () throws(DiskError) in
                let folder = try staging.directory(creating: name)
                try folder.remove("inventory")
                return folder
            }
            let hasSpare = isResumed || base == nil ? false : try takeSpare(into: folder)
            let made = try Staging(
                store: self, release: release, options: options, folder: folder, folderName: name, isResumed: isResumed || hasSpare,
                present: present, base: base)
            _ = made.targets.add(files)
            return made
        } catch {
            removeStaging(name, after: error)
            throw error
        }
    }

    /// Where the disk failed, the staging folder `name` gives its space back: a full disk needs it, and what a faulty one
    /// kept must not be used again.
    func removeStaging(_ name: String, after error: StoreError) {
        guard case .disk = error else { return }
        try? folder(.staging).removeTree(name)
    }

    /// Removes other releases in the making; answers whether this one was begun, and how many bytes of it are there.
    private func prepare(_ staging: Directory, for name: String) throws(StoreError) -> (isResumed: Bool, present: UInt64) {
        try onDisk { () throws(DiskError) in
            for entry in try staging.entries() where entry.name.string != name && Digest(hexadecimal: entry.name.string) != nil {
                try staging.removeTree(entry.name)
            }
            guard let found = try staging.status(of: name) else { return (false, 0) }
            if found.kind != .directory { try staging.remove(name) }
            return found.kind == .directory ? (true, try staging.directory(name).allocated()) : (false, 0)
        }
    }

    /// A generation to link from; nil where its inventory is lost, so that nothing about its files is known.
    private func base(_ number: UInt64) throws(StoreError) -> (tree: TreeFolders, inventory: Inventory)? {
        let generations = try folder(.generations)
        guard let inventory = try inventoryUnlessDamaged(number) else { return nil }
        let tree = try onDisk { () throws(DiskError) in try generations.directory(String(number)) }
        return (TreeFolders(tree, creating: false), inventory)
    }

    /// The inventory; nil where it is lost or damaged. A disk that merely fails to read it now is an error.
    func inventoryUnlessDamaged(_ number: UInt64) throws(StoreError) -> Inventory? {
        do { return try inventory(of: number) } catch {
            if case .damaged = error { return nil }
            throw error
        }
    }

    /// The inventory of a listed generation.
    package func inventory(of number: UInt64) throws(StoreError) -> Inventory {
        let generations = try folder(.generations)
        let bytes = try onDisk { () throws(DiskError) in
            try generations.contents(of: "\(number).inventory", limit: StoreLimits.inventoryBytes)
        }
        guard let bytes else { throw .damaged("generation \(number) has no inventory") }
        return try Inventory(bytes: bytes)
    }
}

extension Directory {
    /// Bytes on disk of all files below that have no other name: what removing them would give back.
    func allocated() throws(DiskError) -> UInt64 {
        var sum: UInt64 = 0
        for entry in try entries() {
            guard let status = try status(of: entry.name) else { continue }
            if status.kind == .directory {
                sum += try directory(entry.name).allocated()
            } else if status.links == 1 {
                sum += status.allocated
            }
        }
        return sum
    }
}
