internal import InstarDownload
internal import InstarManifest
internal import InstarPlan
internal import InstarStore
internal import InstarThreads
internal import InstarTransfer
internal import Synchronization

/// Carries out a plan: links what is unchanged, copies what is near, fetches the rest, and seals the result.
struct StagingRun {
    let store: Store
    let transfer: Transfer
    let options: StagingOptions
    let observer: @Sendable (UpdateEvent) -> Void
    /// Bytes that were planned to be copied and had to be fetched.
    let bytesMissed: BytesMissed

    /// What a run came to.
    enum Outcome: ~Copyable {
        case staged(StagedGeneration)
        /// These installed files are not what they should be: plan again with them among the files to build. What was
        /// staged so far is used again.
        case refused(Set<ReleasePath>)
    }

    func run(_ update: PlannedUpdate, holding lock: borrowing WriterLock) throws -> Outcome {
        let staging = try store.stage(
            update.plan.release, files: update.plan.files, linking: update.plan.cost.filesLinked, options: options, holding: lock)
        do {
            let refused = try link(update, in: staging)
            guard refused.isEmpty else { return .refused(refused) }
            try assemble(update.plan, in: staging)
            observer(.began(.seal))
            let pages = try update.manifest.pageDigests(in: store.pages)
            return .staged(try staging.seal(totals: update.totals, pages: pages))
        } catch {
            staging.giveUp(after: error)
            throw error
        }
    }

    /// Links everything that the plan does not build, page by page, so that memory stays that of a page.
    private func link(_ update: PlannedUpdate, in staging: Staging) throws -> Set<ReleasePath> {
        observer(.began(.link))
        var refused: Set<ReleasePath> = []
        var batch: [FileEntry] = []
        var cursor = try update.manifest.pages(from: store.pages)
        while let page = try cursor.next() {
            batch += page.files.filter { isLinked($0, in: update) }.map { entry in
                // Linking needs no chunks, and they are most of an entry.
                var entry = entry
                entry.chunks = []
                return entry
            }
            if batch.count >= 4096 { refused.formUnion(try flush(&batch, staging)) }
        }
        refused.formUnion(try flush(&batch, staging))
        return refused
    }

    private func flush(_ batch: inout [FileEntry], _ staging: Staging) throws -> [ReleasePath] {
        defer { batch.removeAll(keepingCapacity: true) }
        return batch.isEmpty ? [] : try staging.link(batch).map(\.path)
    }

    private func isLinked(_ entry: FileEntry, in update: PlannedUpdate) -> Bool {
        (entry.pack == "base" || update.packs.contains(entry.pack)) && !update.assembled.contains(entry.path)
    }

    private func assemble(_ plan: Plan, in staging: Staging) throws {
        // What an interrupted run left is read once and not got again.
        let rest = try plan.droppingPresent(pieces: staging.holds, copies: staging.holds)
        let missed = try copy(rest, in: staging)
        try fetch(rest, in: staging)
        try fetchMissed(missed, of: plan, in: staging)
        try finish(plan, in: staging)
    }

    /// Copies local chunks; answers those whose source turned out to be something else.
    private func copy(_ plan: Plan, in staging: Staging) throws -> [Copy] {
        guard !plan.copies.isEmpty else { return [] }
        observer(.began(.copy))
        let missed = Mutex<[Copy]>([])
        // Runs of neighbours, so that a source is read forwards.
        let runLength = 64
        try Workers.forEach(count: (plan.copies.count + runLength - 1) / runLength) { run in
            for copy in plan.copies[(run * runLength)..<min(plan.copies.count, (run + 1) * runLength)] {
                if try !staging.copy(copy) { missed.withLock { $0.append(copy) } }
            }
        }
        return missed.withLock { $0 }
    }

    private func fetch(_ plan: Plan, in staging: Staging) throws {
        guard !plan.fetches.isEmpty else { return }
        observer(.began(.fetch))
        let total = plan.pieces.reduce(0) { $0 + UInt64($1.size) }
        let coming = plan.fetches.reduce(0) { $0 + UInt64($1.range.count) }
        transfer.expect(bytes: transfer.statistics.bytes + coming, saved: plan.cost.bytesReused)
        let done = Atomic<UInt64>(0)
        unsafe try Downloader(transfer: transfer).fetch(plan.fetches, pieces: plan.pieces) { piece, bytes in
            try unsafe staging.write(bytes, file: piece.file, offset: piece.fileOffset)
            observer(.progress(.fetch, done: done.add(UInt64(piece.size), ordering: .relaxed).newValue, total: total))
        }
    }

    /// Fetches chunks that were to be copied and could not be.
    private func fetchMissed(_ missed: [Copy], of plan: Plan, in staging: Staging) throws {
        guard !missed.isEmpty else { return }
        let bytes = missed.reduce(0) { $0 + UInt64($1.size) }
        bytesMissed.add(bytes)
        observer(.sourcesChanged(bytes: bytes))
        let (fetches, pieces) = plan.fetches(replacing: missed)
        unsafe try Downloader(transfer: transfer).fetch(fetches, pieces: pieces) { piece, bytes in
            try unsafe staging.write(bytes, file: piece.file, offset: piece.fileOffset)
        }
    }

    private func finish(_ plan: Plan, in staging: Staging) throws {
        observer(.began(.finish))
        try Workers.forEach(count: plan.files.count) { index in try staging.finish(UInt32(index)) }
    }
}

/// Adds up over threads.
final class BytesMissed: Sendable {
    private let sum = Atomic<UInt64>(0)

    var value: UInt64 { sum.load(ordering: .relaxed) }

    func add(_ count: UInt64) { sum.add(count, ordering: .relaxed) }
}
