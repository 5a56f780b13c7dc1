internal import InstarCryptography
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
    let steps: UpdateSteps
    /// Bytes that were planned to be copied and had to be fetched.
    let bytesMissed: BytesMissed

    /// What a run came to.
    enum Outcome: ~Copyable {
        case staged(StagedGeneration)
        /// These installed files are not what they should be: plan again with them among the files to build. What was
        /// staged so far is used again.
        case refused(Set<ReleasePath>)
    }

    /// Stages the update. What of its plan is done is taken out of it, since a large file's copies and pieces take memory that what
    /// follows needs.
    func run(_ update: inout PlannedUpdate, holding lock: borrowing WriterLock) throws -> Outcome {
        let staging = try store.stage(
            update.plan.release, files: update.plan.files, linking: update.plan.cost.filesLinked, options: options, holding: lock)
        do {
            // What an interrupted run left is read once and not got again.
            if staging.isResumed { update.plan = try update.plan.droppingPresent { piece throws in try staging.holds(piece) } }
            let refused = try build(&update, in: staging)
            guard refused.isEmpty else { return .refused(refused) }
            try steps.begin(.seal)
            let pages = try update.manifest.pageDigests(in: store.pages)
            return .staged(try staging.seal(totals: update.totals, pages: pages))
        } catch {
            staging.giveUp(after: error)
            throw error
        }
    }

    /// Links everything that the plan does not build, some thousand files at a time, so that memory stays that of these.
    private func link(_ update: PlannedUpdate, in staging: Staging) throws -> Set<ReleasePath> {
        try steps.begin(.link)
        // A first installation builds everything.
        guard update.base != nil else { return [] }
        var refused: Set<ReleasePath> = []
        var batch: [FileEntry] = []
        try update.manifest.forEachKnownFile(in: store.pages) { file in
            guard isLinked(file, in: update) else { return }
            // Linking needs no chunks, and they are most of an entry.
            var entry = file
            entry.chunks = []
            batch.append(entry)
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

    /// Puts everything in place; answers, with nothing more done, files that are not what they should be.
    private func build(_ update: inout PlannedUpdate, in staging: Staging) throws -> Set<ReleasePath> {
        let content = try content(of: update, in: staging)
        do {
            let refused = try link(update, in: staging)
            if refused.isEmpty { try assemble(&update, content, in: staging) } else { giveUp(content) }
            return refused
        } catch {
            giveUp(content)
            throw error
        }
    }

    /// Content on its way.
    private struct Content {
        var atHand: [(frame: PlannedFrame, compressed: Digest)]
        var download: Download
        /// Where it was asked for before its time.
        var ahead: Ahead?
    }

    /// Asks for the content to fetch where something else is to be done first: the line carries it meanwhile, as much of it as the
    /// readers can hold. Not over HTTP/2, where requests that wait for their reader are ended and sent again.
    private func content(of update: PlannedUpdate, in staging: Staging) throws -> Content {
        var fetches = update.plan.fetches
        let atHand = try update.framesAtHand.takeOut(of: &fetches)
        let download = Download(fetches, of: update.plan, transfer: transfer, staging: staging, observer: steps.observer)
        var content = Content(atHand: atHand, download: download)
        let isFirst = update.base == nil && update.plan.copies.isEmpty
        if !isFirst, !fetches.isEmpty, !transfer.statistics.isMultiplexed {
            content.ahead = Ahead { mark in try download.run { () throws in try mark.wait() } }
        }
        return content
    }

    private func giveUp(_ content: Content) {
        guard let ahead = content.ahead else { return }
        transfer.cancelAll()
        ahead.giveUp()
    }

    private func assemble(_ update: inout PlannedUpdate, _ content: Content, in staging: Staging) throws {
        var lost = try copy(update.plan, in: staging)
        (update.plan.copies, update.plan.copiedChunks) = ([], [])
        lost += try fetch(content, of: update, in: staging)
        (update.plan.fetches, update.plan.pieces) = ([], [])
        try fetchLost(lost, of: update.plan, in: staging)
        try finish(update.plan, in: staging)
    }

    /// Copies local chunks; answers, as pieces to fetch, those whose source turned out to be something else.
    private func copy(_ plan: Plan, in staging: Staging) throws -> [Piece] {
        guard !plan.copies.isEmpty else { return [] }
        try steps.begin(.copy)
        let missed = Mutex<[Piece]>([])
        let batches = plan.copyBatches
        try Workers.forEach(count: batches.count) { index in
            var copier = Copier(staging)
            for copy in plan.copies[batches[index]] {
                let wrong = try copier.copy(copy, of: plan.copiedChunks, from: plan.sources[Int(copy.source)])
                if !wrong.isEmpty { missed.withLock { $0 += plan.pieces(replacing: wrong, of: copy) } }
            }
        }
        return missed.withLock { $0 }
    }

    /// Fetches; answers pieces whose delta needs local content that turned out to be something else.
    private func fetch(_ content: Content, of update: PlannedUpdate, in staging: Staging) throws -> [Piece] {
        guard !update.plan.fetches.isEmpty else { return [] }
        try steps.begin(.fetch)
        try decode(content, of: update)
        if let ahead = content.ahead { try ahead.finish() } else { try content.download.run {} }
        return content.download.lost
    }

    /// Decodes the frames of deltas that are at hand. Their memory is free again before others are fetched.
    private func decode(_ content: Content, of update: PlannedUpdate) throws {
        let (plan, download) = (update.plan, content.download)
        let decoding = DeltaDecoding(download.prefixes, plan.inflations)
        for (frame, digest) in content.atHand {
            let pieces = plan.pieces[frame.pieces]
            guard let prefix = frame.prefix, let compressed = try update.framesAtHand.content(digest) else {
                download.refuse(pieces)
                continue
            }
            let outcome = unsafe try compressed.withUnsafeBytes { bytes in
                unsafe try decoding.decode(bytes, frame, prefix: prefix, pieces: pieces, receive: download.receive)
            }
            if outcome != .done { download.refuse(pieces) }
        }
    }

    /// Fetches, by the manifest's own frames, what local content was to bring and did not.
    private func fetchLost(_ lost: [Piece], of plan: Plan, in staging: Staging) throws {
        guard !lost.isEmpty else { return }
        let bytes = lost.reduce(0) { $0 + UInt64($1.size) }
        bytesMissed.add(bytes)
        steps.observer(.sourcesChanged(bytes: bytes))
        let (fetches, pieces) = plan.fetches(replacing: lost)
        unsafe try Downloader(transfer: transfer).fetch(fetches, pieces: pieces) { piece, bytes in try unsafe staging.write(piece, bytes) }
    }

    private func finish(_ plan: Plan, in staging: Staging) throws {
        try steps.begin(.finish)
        try Workers.forEach(count: plan.files.count) { index in try staging.finish(UInt32(index)) }
    }
}

/// Adds up over threads.
final class BytesMissed: Sendable {
    private let sum = Atomic<UInt64>(0)

    var value: UInt64 { sum.load(ordering: .relaxed) }

    func add(_ count: UInt64) { sum.add(count, ordering: .relaxed) }
}
extension Plan {
    /// Runs of neighbours among the copies, so that each source is opened once and read forwards.
    fileprivate var copyBatches: [Range<Int>] {
        var batches: [Range<Int>] = []
        var size: UInt64 = 0
        for (index, copy) in copies.enumerated() {
            if let last = batches.last, size + copy.size <= 4 << 20, last.count < 256 {
                batches[batches.count - 1] = last.lowerBound..<index + 1
                size += copy.size
            } else {
                batches.append(index..<index + 1)
                size = copy.size
            }
        }
        return batches
    }
}
