internal import InstarDisk
internal import InstarManifest
#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// What preparing the next staging came to.
package enum PreparingOutcome: Hashable, Sendable {
    /// So many files of the active generation are in the spare tree.
    case prepared(files: Int)
    /// Somebody else changed the store, or the caller gave up. What is done is of use.
    case interrupted
    /// There is no generation, or its files can have no second names here.
    case useless
}

// Half of what staging does next time, done while nobody waits for it: second names in the spare tree for the files of the
// active generation. The tree is no more trusted than before (`Store+Spare.swift`), so cutting this off anywhere is legal.
extension Store {
    /// Files that are linked under one holding of the writer's lock: some milliseconds of work.
    private static let preparedAtOnce = 256
    /// The same bound in time, for slow disks.
    private static let preparingTime = Duration.milliseconds(5)
    /// Microseconds without the lock after each holding, twice as long as a writer sleeps between two attempts to get it
    /// (`FileLock.wait`): so one always gets in, and the machine is left to others most of the time.
    private static let preparingPause: UInt32 = 10_000

    /// Fills the spare tree with the active generation's files, as hard links. Ends at once where another writer is at work
    /// or was in between, and where `isCancelled` says so.
    ///
    /// The thread keeps its priority: one of low priority that holds the lock might keep a writer waiting.
    package func prepare(isCancelled: () -> Bool = { false }) throws(StoreError) -> PreparingOutcome {
        guard var preparation = try beginPreparing() else { return .interrupted }
        while !preparation.isDone {
            if isCancelled() { return .interrupted }
            usleep(Self.preparingPause)
            guard try preparation.isValid(in: self) else { return .interrupted }
            switch try onDisk({ () throws(DiskError) in try FileLock.attempt(.exclusive, "lock", in: root) }) {
            case .busy: return .interrupted
            case .acquired(let lock):
                defer { withExtendedLifetime(lock) {} }
                // A writer that reads this waits for the moment that it takes.
                try? lock.write("\(getpid()) \(Self.preparing)\n")
                guard try preparation.isValid(in: self) else { return .interrupted }
                do { try preparation.advance(atMost: Self.preparedAtOnce, Self.preparingTime) } catch {
                    // A disk that is full gets its space back.
                    try? folder(.staging).removeTree(Self.spare)
                    throw .disk(error)
                }
            }
            if preparation.isUseless { return .useless }
        }
        return .prepared(files: preparation.linked)
    }

    /// Nil where another writer is at work. Whatever a killed one left is cleared away first, as always.
    private func beginPreparing() throws(StoreError) -> Preparation? {
        switch try lock() {
        case .busy: return nil
        case .acquired(let lock):
            defer { withExtendedLifetime(lock) {} }
            guard let active = try state().active, let inventory = try inventoryUnlessDamaged(active) else { return Preparation() }
            try needs(files: [], linking: UInt64(inventory.count)).check()
            let (generations, staging) = (try folder(.generations), try folder(.staging))
            return try onDisk { () throws(DiskError) in
                let base = TreeFolders(try generations.directory(String(active)), creating: false)
                if let there = try staging.status(of: Self.spare), there.kind != .directory { try staging.remove(Self.spare) }
                return Preparation(generation: active, (base, inventory), spare: try staging.directory(creating: Self.spare))
            }
        }
    }
}

/// How far the spare tree is filled.
private struct Preparation {
    private let generation: UInt64
    private let inventory: Inventory?
    private let spare: Directory?
    private var walk: LinkWalk?
    private var next = 0
    private(set) var linked = 0

    /// Of nothing.
    init() {
        (generation, inventory, spare, walk) = (0, nil, nil, nil)
    }

    init(generation: UInt64, _ base: (tree: TreeFolders, inventory: Inventory), spare: Directory) {
        self.generation = generation
        self.spare = spare
        inventory = base.inventory
        walk = LinkWalk(base: base, target: TreeFolders(spare, creating: true), isResumed: true, written: ByteSum(), mayCopy: false)
    }

    var isDone: Bool { inventory.map { next == $0.count } ?? false }

    /// True where nothing could be linked though there was something: no other file will fare better.
    var isUseless: Bool { inventory == nil || next > 0 && linked == 0 }

    /// False where somebody else took or replaced the tree, or activated another generation.
    func isValid(in store: Store) throws(StoreError) -> Bool {
        guard let spare else { return true }
        guard try store.state().active == generation else { return false }
        let staging = try store.folder(.staging)
        return try onDisk { () throws(DiskError) in try staging.status(of: Store.spare)?.inode == spare.status().inode }
    }

    /// Links the next files.
    mutating func advance(atMost count: Int, _ time: Duration) throws(DiskError) {
        guard let inventory else { return }
        let end = ContinuousClock.now + time
        var run = RecordRun()
        for index in next..<min(inventory.count, next + count) {
            if let file = WantedFile(inventory, index), try walk?.take(file, into: &run) == true { linked += 1 }
            next = index + 1
            if ContinuousClock.now > end { return }
        }
    }
}

extension WantedFile {
    /// The regular file of a record; nil for everything else.
    fileprivate init?(_ inventory: Inventory, _ index: Int) {
        let facts = inventory.facts(index)
        guard facts.isFile else { return nil }
        self.init(
            path: inventory.path(index), isExecutable: facts.isKind(.file(isExecutable: true)), size: facts.size, digest: facts.digest)
    }
}
