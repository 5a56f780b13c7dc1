internal import InstarContent
internal import InstarCryptography
internal import InstarDownload
internal import InstarManifest
internal import InstarPlan
internal import InstarStore
internal import InstarTransfer
internal import Synchronization

/// The difference from a release that this store has to the one it is about to get.
struct ReadyDelta {
    /// Where the old content is.
    var generation: Generation
    var manifest: Manifest
    var index: DeltaIndex
}

/// Whether an update that only makes its plan may fetch content of the release.
enum ContentUse {
    case allowed
    case refused
}

/// Gets the index of a delta whose base this store has, and with it the new manifest pages.
///
/// A delta is an addition: where anything about it is wrong, the update goes on without it.
struct ReleaseDeltas {
    let store: Store
    let transfer: Transfer

    /// The delta from one of the store's generations, the active one before others; nil where there is none, or where its
    /// index was not got before.
    func ready(for manifest: Manifest) throws -> ReadyDelta? {
        guard let (reference, base, old) = try usable(of: manifest), let bytes = try store.pages.content(reference.index.digest),
            let index = try? DeltaIndex(decoding: bytes)
        else { return nil }
        return ReadyDelta(generation: base, manifest: old, index: index)
    }

    /// Gets the index of a delta that this store can use, and with it the new pages: one request or two, at the same time, in place of
    /// one after the other for each level of pages.
    ///
    /// - Parameter content: whether content may be fetched to work out what the pages leave out; where not, such pages are not
    ///   fetched, but left to be fetched whole.
    func get(for manifest: Manifest, content: ContentUse, observer: (UpdateEvent) -> Void) throws {
        guard let (reference, base, old) = try usable(of: manifest) else { return }
        do {
            let pages = try manifest.missingPages(in: store.pages).isEmpty ? nil : reference.pages
            var came = Came(index: try store.pages.content(reference.index.digest))
            if came.index == nil {
                observer(.began(.pages))
                came = try fetch(reference.index, with: content == .allowed ? pages : nil)
            }
            guard let bytes = came.index else { return }
            let index = try DeltaIndex(decoding: bytes)
            try store.pages.put(bytes, digest: reference.index.digest)
            guard let pages, index.frameDigests.isEmpty || content == .allowed else { return }
            try get(pages, came.pages, for: manifest, of: ReadyDelta(generation: base, manifest: old, index: index))
        } catch let error where Self.isDeltasFault(error) { return }
    }

    /// Failures after which the plain frames may still be there.
    private static func isDeltasFault(_ error: any Error) -> Bool {
        switch error {
        case is ManifestError, is DownloadError: true
        case let error as TransferError: error.kind == .wrongData || error.kind == .protocolViolation
        default: false
        }
    }

    private func usable(of manifest: Manifest) throws -> (DeltaReference, Generation, Manifest)? {
        guard !manifest.deltas.isEmpty else { return nil }
        let state = try store.state()
        let active = state.activeGeneration.map { [$0] } ?? []
        for generation in active + state.generations.reversed() {
            guard let reference = manifest.deltas.first(where: { $0.base == generation.release.digest }),
                let bytes = try store.manifests.content(generation.release.digest), let old = try? Manifest(decoding: bytes),
                try old.missingPages(in: store.pages).isEmpty
            else { continue }
            return (reference, generation, old)
        }
        return nil
    }

    /// What one look at the repository brought of a delta.
    private struct Came {
        /// Verified.
        var index: [UInt8]?
        /// The pages as they came: only the index says what they are compressed with.
        var pages: [UInt8]?
    }

    /// Bytes of compressed pages at the most that are held until the index is read.
    private static let mostPagesHeld: UInt32 = 1 << 20

    /// Gets the index, and the pages along with it where they are wanted.
    private func fetch(_ index: DeltaReference.Part, with pages: DeltaReference.Part?) throws -> Came {
        guard let pages, pages.frame.compressedSize <= Self.mostPagesHeld else { return try fetch([index]) }
        // The index alone is of use, too.
        do { return try fetch([index, pages]) } catch let error where Self.isDeltasFault(error) { return try fetch([index]) }
    }

    /// Gets the index and what follows it among `parts`.
    private func fetch(_ parts: [DeltaReference.Part]) throws -> Came {
        let index = parts[0]
        // Which part a frame is stands where other frames have their prefix.
        let wanted = parts.indices.map { WantedFrame(frame: parts[$0].frame, pieces: 0..<0, prefix: $0..<$0 + 1) }
        let came = Mutex(Came())
        try unsafe Downloader(transfer: transfer).fetchCompressed(
            RangeMerging().fetches(of: wanted), priority: .metadata,
            check: { frame, bytes in
                guard frame.prefix == 0..<1 else { return nil }
                var decoder = try? FrameDecoder()
                let plain = unsafe try? decoder?.decode(Array(bytes), plainSize: Int(frame.plainSize))
                guard let plain, Digest(of: plain) == index.digest else { return "it is not the index that the manifest names" }
                came.withLock { $0.index = plain }
                return nil
            },
            receive: { frame, bytes in
                guard frame.prefix != 0..<1 else { return }
                let compressed = unsafe Array(bytes)
                came.withLock { $0.pages = compressed }
            })
        return came.withLock { $0 }
    }

    /// Gets the new pages out of one frame, which may have come already. What it does not bring is fetched page by page.
    private func get(_ part: DeltaReference.Part, _ compressed: [UInt8]?, for manifest: Manifest, of delta: ReadyDelta) throws {
        let pages = store.pages
        guard let prefix = PagePrefix(delta.index.pagePrefix, of: try delta.manifest.pageDigests(in: pages), in: pages) else { return }
        let piece = Piece(digest: part.digest, size: part.frame.plainSize, start: 0, file: 0, fileOffset: 0)
        let fetches = RangeMerging().fetches(of: [WantedFrame(frame: part.frame, pieces: 0..<1, prefix: 0..<1)])
        let areSparse = !delta.index.frameDigests.isEmpty
        let sparse = Mutex<[SparsePage]>([])
        @Sendable func receive(_: Piece, _ bytes: UnsafeRawBufferPointer) throws {
            var begin = 0
            for size in delta.index.pageSizes where begin + Int(size) <= bytes.count {
                let page = unsafe Array(bytes[begin..<begin + Int(size)])
                begin += Int(size)
                if areSparse, let leaf = SparsePage(page) {
                    sparse.withLock { $0.append(leaf) }
                } else {
                    // The tree of pages decides what is right: a page that it does not name is never read.
                    try pages.put(page, digest: Digest(of: page))
                }
            }
        }
        if unsafe try !decode(compressed, fetches[0].frames[0], piece, prefix, receive) {
            unsafe try Downloader(transfer: transfer).fetch(
                fetches, pieces: [piece], priority: .metadata, prefixes: prefix, receive: receive)
        }
        guard areSparse else { return }
        try SparsePagesCompletion(store: store, transfer: transfer, delta: delta).complete(sparse.withLock { $0 }, of: manifest)
    }

    /// Decodes a frame that came already and hands its one piece on; false where none did, or another one.
    private func decode(
        _ compressed: [UInt8]?, _ frame: PlannedFrame, _ piece: Piece, _ prefix: PagePrefix,
        _ receive: @Sendable (Piece, UnsafeRawBufferPointer) throws -> Void
    ) throws -> Bool {
        guard let compressed else { return false }
        let decoding = DeltaDecoding(prefix)
        return unsafe try compressed.withUnsafeBytes { bytes in
            unsafe try decoding.decode(bytes, frame, prefix: 0..<1, pieces: [piece], receive: receive) == .done
        }
    }
}

/// The base's pages that the new ones are compressed with.
private struct PagePrefix: PrefixSource {
    let bytes: [UInt8]

    /// Nil where a page does not exist, is lost, or there are more than an honest delta has.
    init?(_ runs: [Range<UInt32>], of pages: [Digest], in folder: ObjectFolder) {
        var bytes: [UInt8] = []
        for run in runs {
            for number in run {
                guard Int(number) < pages.count, let page = try? folder.content(pages[Int(number)]) else { return nil }
                bytes += page
                guard bytes.count <= FrameLimits.maximumPrefixSize else { return nil }
            }
        }
        self.bytes = bytes
    }

    func size(of prefix: Range<Int>) -> Int { bytes.count }

    func read(_ prefix: Range<Int>, into buffer: UnsafeMutableRawBufferPointer) -> Bool {
        unsafe buffer.copyBytes(from: bytes)
        return true
    }
}

extension ReadyDelta {
    /// What the delta offers to a plan.
    ///
    /// - Parameters:
    ///   - changed: those of the chunks that comparing the two releases came upon which the index names.
    ///   - isInstalled: whether the files of a pack are there.
    func offers(_ changed: SelectedChunks, isInstalled: (String) -> Bool) -> [OfferedDelta] {
        // Asked once for each deflater, and only where there is one.
        let isLike = index.deflaters.map { (try? $0.parameters.mark()) == $0.mark }
        return index.parts.compactMap { part in
            let named = Named(content: changed.new[part.chunks], prefix: changed.old[part.prefix], files: changed.old.files)
            return offer(part, named, isLike: isLike, isInstalled: isInstalled)
        }
    }

    /// One part of the delta, with no regard to packs; nil where it names what is not there, or has members that are to be deflated.
    func offer(_ part: DeltaIndex.Part, _ changed: ChangedChunks) -> OfferedDelta? {
        let named = Named(content: changed.new[part.chunks], prefix: changed.old[part.prefix], files: changed.old.files)
        return offer(part, named, isLike: []) { _ in true }
    }

    /// What the ordinal numbers of a part mean; nil where one means nothing.
    private struct Named {
        var content: [ChangedChunks.Occurrence]?
        var prefix: [ChangedChunks.Occurrence]?
        /// The files of the base.
        var files: [ChangedChunks.File]
    }

    /// - Parameter isLike: for each deflater of the index whether this machine's zlib is like it; frames with members that are to
    ///   be deflated are no offer without it.
    private func offer(_ part: DeltaIndex.Part, _ named: Named, isLike: [Bool], isInstalled: (String) -> Bool) -> OfferedDelta? {
        guard let chunks = named.content, let prefix = named.prefix else { return nil }
        guard prefix.allSatisfy({ isInstalled(named.files[Int($0.file)].pack) }) else { return nil }
        var inflation: FrameInflation?
        if let inflated = part.inflation {
            guard inflated.content.allSatisfy({ isLike.indices.contains($0.deflater) && isLike[$0.deflater] }) else { return nil }
            inflation = FrameInflation(
                inflated, of: chunks.map(\.size), prefix: prefix.map(\.size), deflaters: index.deflaters,
                maximumSize: FrameLimits.maximumPlainSize)
            guard inflation != nil else { return nil }
        }
        return OfferedDelta(
            frame: part.frame, chunks: chunks.map { .init(digest: $0.digest, size: $0.size) },
            prefix: prefix.map {
                PrefixPart(
                    digest: $0.digest, size: $0.size, generation: generation.number, source: named.files[Int($0.file)].path,
                    sourceOffset: $0.offset)
            }, inflation: inflation, maximumPrefix: FrameLimits.maximumPrefixSize)
    }
}
