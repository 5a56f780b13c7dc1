internal import InstarCryptography
internal import InstarDownload
internal import InstarManifest
internal import InstarPlan
internal import InstarStore
internal import InstarTransfer
internal import Synchronization

/// Works out the digests that the pages of a delta leave out: fetches the delta's frames, decompresses them with the old
/// content, and hashes the chunks. What comes of it counts only where it gives each page its digest.
struct SparsePagesCompletion {
    let store: Store
    let transfer: Transfer
    let delta: ReadyDelta

    /// Completes the leaves among the pages of a release and keeps them. The store has the inner ones by now. Where anything is not
    /// as it should be, some are missing afterwards, and are fetched whole.
    func complete(_ sparse: [SparsePage], of manifest: Manifest) throws {
        let known = Set(try delta.manifest.pageDigests(in: store.pages))
        let leaves = try manifest.leaves(otherThan: known, reading: store.pages)
        guard leaves.count == sparse.count else { return }
        let chunks = try newChunks(manifest, leaves, sparse)
        let left = chunks.new.chunks.indices.filter { chunks.new.chunks[$0].digest == .missing }
        guard let digests = try digests(of: left, among: chunks) else { return }
        try fill(sparse, with: digests[...], named: leaves)
    }

    /// What comparing the two releases comes upon, as the ordinal numbers of the delta mean it.
    private func newChunks(_ manifest: Manifest, _ leaves: [PageReference], _ sparse: [SparsePage]) throws -> ChangedChunks {
        let source = SparsePages(
            Dictionary(zip(leaves.map(\.digest), sparse), uniquingKeysWith: { first, _ in first }), beside: store.pages)
        var chunks = ChangedChunks()
        var changes = try Comparison(from: delta.manifest, to: manifest, pages: source)
        while let change = try changes.next() { chunks.append(change) }
        return chunks
    }

    /// The digests of the chunks with these ordinal numbers; nil where the delta does not bring all of them.
    private func digests(of left: [Int], among chunks: ChangedChunks) throws -> [Digest]? {
        let wanted = Set(left.map { UInt32($0) })
        var offered: [(part: Int, delta: OfferedDelta)] = []
        for (index, part) in delta.index.parts.enumerated() where part.chunks.contains(where: { $0.contains(where: wanted.contains) }) {
            guard let delta = delta.offer(part, chunks) else { return nil }
            offered.append((index, delta))
        }
        try fetch(offered.map(\.part))
        guard let found = try digests(of: offered) else { return nil }
        let digests = left.compactMap { found[UInt32($0)] }
        return digests.count == left.count ? digests : nil
    }

    /// The digests of the chunks of these frames by ordinal number; nil where the frames or the old content are not what they should be.
    private func digests(of offered: [(part: Int, delta: OfferedDelta)]) throws -> [UInt32: Digest]? {
        let prefixes = LocalPrefixes(parts: offered.flatMap(\.delta.prefix), trees: LocalTrees(store))
        let decoding = DeltaDecoding(prefixes)
        var begin = 0
        var found: [UInt32: Digest] = [:]
        for (part, offer) in offered {
            let frame = PlannedFrame(
                offset: offer.frame.offset, compressedSize: offer.frame.compressedSize, plainSize: offer.frame.plainSize, pieces: 0..<0)
            let prefix = begin..<begin + offer.prefix.count
            guard let compressed = try store.pages.content(delta.index.frameDigests[part]),
                let digests = try decoding.digests(of: compressed, frame, prefix: prefix, sizes: offer.chunks.map(\.size))
            else { return nil }
            for (number, digest) in zip(delta.index.parts[part].chunks.joined(), digests) { found[number] = digest }
            begin = prefix.upperBound
        }
        return found
    }

    /// Gets the compressed frames that are not there yet.
    private func fetch(_ parts: [Int]) throws {
        let pages = store.pages, index = delta.index
        let missing = try parts.filter { try !pages.hasPage(index.frameDigests[$0]) }
        let wanted = missing.map { WantedFrame(frame: index.parts[$0].frame, pieces: 0..<0, prefix: $0..<$0 + 1) }
        @Sendable func digest(of frame: PlannedFrame) -> Digest { index.frameDigests[frame.prefix?.lowerBound ?? 0] }
        unsafe try Downloader(transfer: transfer).fetchCompressed(
            RangeMerging().fetches(of: wanted), priority: .metadata,
            check: { frame, bytes in
                unsafe Digest(of: bytes) == digest(of: frame) ? nil : "it is not the frame that the delta names"
            },
            receive: { frame, bytes in try pages.put(unsafe Array(bytes), digest: digest(of: frame)) })
    }

    private func fill(_ sparse: [SparsePage], with digests: ArraySlice<Digest>, named leaves: [PageReference]) throws {
        var digests = digests
        for (page, leaf) in zip(sparse, leaves) {
            var page = page
            guard page.fill(from: &digests), Digest(of: page.bytes) == leaf.digest else { continue }
            try store.pages.put(page.bytes, digest: leaf.digest)
        }
    }
}
