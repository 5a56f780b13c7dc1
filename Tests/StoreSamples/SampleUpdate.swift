internal import InstarCryptography
internal import InstarManifest
internal import InstarPlan
package import InstarStore

/// Walks a store through an update to a sample release, as the update run does: link, copy, write, finish, seal. What a
/// download would bring is taken from the release's own bytes.
package struct SampleUpdate {
    /// What the update did, for comparing with what it should have done.
    package struct Work: Hashable, Sendable {
        package var linked = 0
        package var copied = 0
        package var fetched = 0
        /// Pieces that an interrupted staging had left.
        package var held = 0

        package init() {}
    }

    private let release: SampleRelease
    private let staging: Staging
    package private(set) var work = Work()

    /// Stages `release` up to the seal, linking from the active generation.
    package static func stage(
        _ release: SampleRelease, in store: Store, options: StagingOptions? = nil, stoppingAfter pieces: Int = .max,
        work: inout Work, holding lock: borrowing WriterLock
    ) throws -> StagedGeneration? {
        var settings = try options ?? StagingOptions(base: store.state().active)
        if settings.width == nil { settings.width = 1 }
        let staging = try store.stage(release.identity, linking: UInt64(release.entries.count), options: settings, holding: lock)
        do {
            try store.manifests.put(release.manifest, digest: release.identity.digest)
            try store.pages.put(release.page, digest: release.pageDigest)
            var update = SampleUpdate(release: release, staging: staging)
            defer { work = update.work }
            guard try update.assemble(from: settings.base, stoppingAfter: pieces) else { return nil }
            return try staging.seal(totals: release.totals, pages: [release.pageDigest])
        } catch {
            staging.giveUp(after: error)
            throw error
        }
    }

    /// Updates the store to `release` and activates it; answers its generation.
    @discardableResult
    package static func install(_ release: SampleRelease, in store: Store, options: StagingOptions? = nil) throws -> Generation {
        var work = Work()
        return try install(release, in: store, options: options, work: &work)
    }

    /// As `install`, saying what had to be done.
    package static func install(
        _ release: SampleRelease, in store: Store, options: StagingOptions? = nil, work: inout Work
    ) throws -> Generation {
        switch try store.lock() {
        case .busy(let holder): throw Busy(holder: holder)
        case .acquired(let lock):
            if let there = try store.state().generation(of: release.identity.digest) {
                try store.activate(there.number)
                return there
            }
            guard let complete = try stage(release, in: store, options: options, work: &work, holding: lock) else {
                throw Busy(holder: nil)
            }
            return try store.activate(complete, holding: lock)
        }
    }

    /// Another writer has the store.
    package struct Busy: Error {
        package let holder: Int32?

        package init(holder: Int32?) { self.holder = holder }
    }

    private init(release: SampleRelease, staging: Staging) {
        self.release = release
        self.staging = staging
    }

    private mutating func assemble(from base: UInt64?, stoppingAfter limit: Int) throws -> Bool {
        let missed = try staging.link(release.entries)
        work.linked = release.entries.count - missed.count
        let files = missed.map {
            PlannedFile(
                path: $0.path, kind: $0.kind, size: $0.size, digest: $0.digest, isSingleChunk: $0.chunks.count == 1,
                ledger: ChunkLedger(of: $0.chunks))
        }
        let first = try staging.add(files)
        var done = 0
        for (index, entry) in missed.enumerated() {
            let file = first + UInt32(index)
            try staging.create(file)
            var offset: UInt64 = 0
            for chunk in entry.chunks {
                if done >= limit { return false }
                try put(chunk, of: entry, file, offset, base)
                offset += UInt64(chunk.size)
                done += 1
            }
            try staging.finish(file)
        }
        return true
    }

    private mutating func put(_ chunk: Chunk, of entry: FileEntry, _ file: UInt32, _ offset: UInt64, _ base: UInt64?) throws {
        let piece = Piece(digest: chunk.digest, size: chunk.size, start: 0, file: file, fileOffset: offset)
        if try staging.holds(piece) {
            work.held += 1
        } else if let base, try copy(chunk, of: entry, base, to: piece) {
            work.copied += 1
        } else {
            let bytes = Array(release.bytes(of: entry.path.description)[Int(offset)..<(Int(offset) + Int(chunk.size))])
            try unsafe bytes.withUnsafeBytes { unsafe try staging.write(piece, $0) }
            work.fetched += 1
        }
    }

    private func copy(_ chunk: Chunk, of entry: FileEntry, _ base: UInt64, to piece: Piece) throws -> Bool {
        let copy = Copy(
            chunks: 0..<1, size: UInt64(chunk.size), file: piece.file, fileOffset: piece.fileOffset, source: 0,
            sourceOffset: piece.fileOffset)
        var copier = Copier(staging)
        return try copier.copy(copy, of: [chunk], from: LocalFile(generation: base, path: entry.path)).isEmpty
    }
}
