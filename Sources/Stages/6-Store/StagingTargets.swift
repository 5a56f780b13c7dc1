internal import InstarDisk
internal import InstarManifest
internal import InstarPlan
internal import Synchronization

/// The files of a staging that are being written, each created once whoever comes first, a bounded number of them open.
final class StagingTargets: Sendable {
    private struct Stripe: ~Copyable {
        var open: [UInt32: File] = [:]
        /// Files that were created by this staging, so that what was not written is known to be zeros.
        var fresh: Set<UInt32> = []
        /// What was verified and written of each file, as far as it was noted.
        var ledgers: [UInt32: ChunkLedger] = [:]
    }

    private let files = Mutex<[PlannedFile]>([])
    private let tree: TreeFolders
    private let isResumed: Bool
    private let reservesSpace: Bool
    // Creating a file excludes only its own stripe, so threads that write different files rarely meet.
    private let stripes: [Locked<Stripe>]

    /// Open files are at most 16 × 8, well below any process's limit.
    private static let stripeCount = 16
    private static let openPerStripe = 8

    init(tree: TreeFolders, isResumed: Bool, reservesSpace: Bool) {
        self.tree = tree
        self.isResumed = isResumed
        self.reservesSpace = reservesSpace
        stripes = (0..<Self.stripeCount).map { _ in Locked(Stripe()) }
    }

    /// Adds files; answers the index of the first.
    func add(_ more: [PlannedFile]) -> UInt32 {
        files.withLock { files in
            files += more
            return UInt32(files.count - more.count)
        }
    }

    func planned(_ index: UInt32) -> PlannedFile { files.withLock { $0[Int(index)] } }

    /// The open file, and whether everything not yet written in it is zeros.
    func file(_ index: UInt32) throws(StoreError) -> (file: File, isFresh: Bool) {
        try stripes[Int(index) % Self.stripeCount].withLock { (stripe: inout Stripe) throws(StoreError) in
            if let open = stripe.open[index] { return (open, stripe.fresh.contains(index)) }
            let isFresh = stripe.fresh.contains(index)
            let (file, isNew) = try onDisk { () throws(DiskError) in try open(planned(index), mayExist: isResumed || isFresh) }
            if isNew { stripe.fresh.insert(index) }
            if stripe.open.count >= Self.openPerStripe { stripe.open.removeAll() }
            stripe.open[index] = file
            return (file, isNew || isFresh)
        }
    }

    /// Notes chunks that were verified and then written.
    func note(_ ledger: ChunkLedger, in index: UInt32) {
        stripes[Int(index) % Self.stripeCount].withLock { stripe in stripe.ledgers[index, default: ChunkLedger()].add(ledger) }
    }

    /// True where nothing can be in the file but what was verified: it is one chunk, or this staging made it and wrote every
    /// chunk in its place.
    func isVerified(_ index: UInt32, _ planned: PlannedFile) -> Bool {
        if planned.isSingleChunk { return true }
        guard let whole = planned.ledger else { return false }
        return stripes[Int(index) % Self.stripeCount].withLock { stripe in
            stripe.fresh.contains(index) && stripe.ledgers[index] ?? ChunkLedger() == whole
        }
    }

    /// Closes a file that is complete.
    func close(_ index: UInt32) {
        stripes[Int(index) % Self.stripeCount].withLock { stripe in
            _ = stripe.open.removeValue(forKey: index)
            _ = stripe.ledgers.removeValue(forKey: index)
        }
    }

    /// True where the file was begun by an earlier staging.
    func existedBefore(_ index: UInt32) throws(StoreError) -> Bool {
        guard isResumed else { return false }
        return try !file(index).isFresh
    }

    func closeAll() {
        for stripe in stripes { stripe.withLock { $0.open.removeAll() } }
    }

    private func open(_ planned: PlannedFile, mayExist: Bool) throws(DiskError) -> (file: File, isNew: Bool) {
        let (folder, name) = try tree.place(of: planned.path.description)
        if mayExist, let file = try reuse(name, in: folder, size: planned.size) { return (file, false) }
        let file = try folder.file(name, .create(permissions: 0o600))
        // One write fills a single chunk's file; the others get their size, as a hole, so that pieces may come in any order.
        if !planned.isSingleChunk && planned.size > 0 { try file.truncate(to: planned.size) }
        if reservesSpace && planned.size > 0 { _ = try file.reserve(planned.size) }
        return (file, true)
    }

    /// A file that is there already. One with a second name is some generation's: it is unlinked here, never written to.
    private func reuse(_ name: String, in folder: Directory, size: UInt64) throws(DiskError) -> File? {
        guard let status = try folder.status(of: name) else { return nil }
        guard status.kind == .file, status.links == 1 else {
            try folder.removeTree(name)
            return nil
        }
        try folder.setPermissions(0o600, of: name)
        let file = try folder.file(name, .readWrite)
        if status.size != size { try file.truncate(to: size) }
        return file
    }
}

/// A mutex in an object of its own, since arrays hold no noncopyable values.
final class Locked<Value: ~Copyable>: Sendable {
    private let mutex: Mutex<Value>

    init(_ value: consuming sending Value) { mutex = Mutex(value) }

    func withLock<Result: Sendable, Failure: Error>(_ body: (inout sending Value) throws(Failure) -> sending Result) throws(Failure)
        -> Result
    {
        try mutex.withLock(body)
    }
}
