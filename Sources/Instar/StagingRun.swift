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
    let cancellation: CancellationFlag
    /// Bytes that were planned to be copied and had to be fetched.
    let bytesMissed: BytesMissed

    private func begin(_ step: UpdateStep) throws {
        observer(.began(step))
        try cancellation.check()
    }

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
            try assemble(update, in: staging)
            try begin(.seal)
            let pages = try update.manifest.pageDigests(in: store.pages)
            return .staged(try staging.seal(totals: update.totals, pages: pages))
        } catch {
            staging.giveUp(after: error)
            throw error
        }
    }

    /// Links everything that the plan does not build, page by page, so that memory stays that of a page.
    private func link(_ update: PlannedUpdate, in staging: Staging) throws -> Set<ReleasePath> {
        try begin(.link)
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
        entry.isInstalled(with: update.packs) && !update.assembled.contains(entry.path)
    }

    private func assemble(_ update: PlannedUpdate, in staging: Staging) throws {
        // What an interrupted run left is read once and not got again.
        let rest = try update.plan.droppingPresent(pieces: staging.holds, copies: staging.holds)
        var lost = try copy(rest, in: staging).map { Piece(replacing: $0) }
        lost += try fetch(rest, update.framesAtHand, in: staging)
        try fetchLost(lost, of: update.plan, in: staging)
        try finish(update.plan, in: staging)
    }

    /// Copies local chunks; answers those whose source turned out to be something else.
    private func copy(_ plan: Plan, in staging: Staging) throws -> [Copy] {
        guard !plan.copies.isEmpty else { return [] }
        try begin(.copy)
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

    /// Fetches; answers pieces whose delta needs local content that turned out to be something else.
    private func fetch(_ plan: Plan, _ framesAtHand: FramesAtHand, in staging: Staging) throws -> [Piece] {
        guard !plan.fetches.isEmpty else { return [] }
        try begin(.fetch)
        var fetches = plan.fetches
        let atHand = try framesAtHand.takeOut(of: &fetches)
        let coming = fetches.reduce(0) { $0 + UInt64($1.range.count) }
        transfer.expect(bytes: transfer.statistics.bytes + coming, saved: plan.cost.bytesReused)
        let total = plan.pieces.reduce(0) { $0 + UInt64($1.size) }
        let done = Atomic<UInt64>(0)
        let lost = Mutex<[Piece]>([])
        let prefixes = LocalPrefixes(parts: plan.prefixes, trees: staging.sources)
        @Sendable func refuse(_ frame: PlannedFrame) { lost.withLock { $0 += plan.pieces[frame.pieces] } }
        @Sendable func receive(_ piece: Piece, _ bytes: UnsafeRawBufferPointer) throws {
            try unsafe staging.write(bytes, file: piece.file, offset: piece.fileOffset)
            observer(.progress(.fetch, done: done.add(UInt64(piece.size), ordering: .relaxed).newValue, total: total))
        }
        let decoding = try DeltaDecoding(prefixes, plan.inflations)
        for (frame, compressed) in atHand {
            guard let prefix = frame.prefix, let bytes = try framesAtHand.content(compressed) else {
                refuse(frame)
                continue
            }
            let outcome = unsafe try bytes.withUnsafeBytes { bytes in
                unsafe try decoding.decode(bytes, frame, prefix: prefix, pieces: plan.pieces[frame.pieces], receive: receive)
            }
            if outcome != .done { refuse(frame) }
        }
        // One kind after the other, since both hold large frames.
        let isOfDelta = fetches.map { fetch in fetch.frames.contains { $0.prefix != nil } }
        for kind in [true, false] {
            unsafe try Downloader(transfer: transfer).fetch(
                zip(fetches, isOfDelta).filter { $0.1 == kind }.map(\.0), pieces: plan.pieces, prefixes: kind ? prefixes : nil,
                inflations: plan.inflations, refused: refuse, receive: receive)
        }
        return lost.withLock { $0 }
    }

    /// Fetches, by the manifest's own frames, what local content was to bring and did not.
    private func fetchLost(_ lost: [Piece], of plan: Plan, in staging: Staging) throws {
        guard !lost.isEmpty else { return }
        let bytes = lost.reduce(0) { $0 + UInt64($1.size) }
        bytesMissed.add(bytes)
        observer(.sourcesChanged(bytes: bytes))
        let (fetches, pieces) = plan.fetches(replacing: lost)
        unsafe try Downloader(transfer: transfer).fetch(fetches, pieces: pieces) { piece, bytes in
            try unsafe staging.write(bytes, file: piece.file, offset: piece.fileOffset)
        }
    }

    private func finish(_ plan: Plan, in staging: Staging) throws {
        try begin(.finish)
        try Workers.forEach(count: plan.files.count) { index in try staging.finish(UInt32(index)) }
    }
}

/// Adds up over threads.
final class BytesMissed: Sendable {
    private let sum = Atomic<UInt64>(0)

    var value: UInt64 { sum.load(ordering: .relaxed) }

    func add(_ count: UInt64) { sum.add(count, ordering: .relaxed) }
}
