internal import InstarContent
internal import InstarCryptography
internal import InstarManifest
internal import InstarThreads

/// The deltas of a release that is being published: found before its content is packed, written when that lies where it stays.
struct ReleaseDeltas {
    private struct Draft {
        var base: DeltaBase
        /// The same content in frames of several orders.
        var arrangements: [[DeltaPacking.Group]]

        var groups: [DeltaPacking.Group] { arrangements[0] }
    }

    private let settings: Publisher.Settings
    private let build: Build
    private let source: RepositoryPages
    private var drafts: [Draft] = []
    /// A release with the very same files, if that is what the channel points to, and those of its deltas that serve again.
    private var same: (pages: Set<Digest>, deltas: [DeltaReference])?

    /// Finds what of a build is worth a delta from each of `bases`.
    init(_ settings: Publisher.Settings, from bases: [Manifest], to cut: CutBuild, in folder: RepositoryFolder) throws {
        (self.settings, build) = (settings, cut.build)
        source = RepositoryPages(folder)
        guard !bases.isEmpty else { return }
        let entries = ReleaseAssembly.entries(of: build, cut.cuts) { _ in ContentIndex.Place(frame: 0, start: 0) }
        let chunks = Set(cut.cuts.lazy.compactMap { $0 }.flatMap { $0.pieces.filter { !$0.isZero }.map(\.digest) })
        for manifest in bases where !serves(manifest) {
            let base = try DeltaBase(manifest, comparedWith: entries, reading: source)
            if base.changed.isEmpty {
                same = same ?? (Set(base.pages), manifest.deltas.filter { delta in bases.contains { $0.identity.digest == delta.base } })
                continue
            }
            let trial = DeltaTrial(base: base, build: build, pages: source)
            let members = try InflatedTrial(trial: trial).worthwhile(MemberPairing(base, build: build, pages: source))
            let pairing = DeltaPairing(base, newChunks: chunks, members: members)
            let pairs = try trial.worthwhile(pairing.pairs(), isGone: pairing.isGone, oldFiles: pairing.oldFiles)
            let arrangements = try DeltaOrder(base, build: build).arrangements(of: pairs + members)
            drafts.append(Draft(base: base, arrangements: arrangements.map { DeltaPacking(base).groups(of: $0) }))
        }
    }

    /// Whether the delta from a release was made when the same files were published before.
    private func serves(_ base: Manifest) -> Bool { same?.deltas.contains { $0.base == base.identity.digest } ?? false }

    /// All chunks that some delta brings: those of frames that every client can use, and those of frames with members that it
    /// has to deflate.
    var chunks: [Set<Digest>] {
        [false, true].map { isDeflated in
            var chunks: Set<Digest> = []
            for draft in drafts {
                for group in draft.groups where group.isDeflated == isDeflated {
                    for number in group.chunks.joined() { chunks.insert(draft.base.changed.new.chunks[Int(number)].digest) }
                }
            }
            return chunks
        }
    }

    /// Plain bytes of all frames that are going to be compressed, in every order.
    var bytesToCompress: UInt64 { UInt64(drafts.reduce(0) { $0 + $1.arrangements.joined().reduce(0) { $0 + $1.size } }) }

    /// Compresses and writes all deltas that are worth it.
    ///
    /// - Parameters:
    ///   - assembly: knows what the same content costs without a delta.
    ///   - pages: those of the new release.
    ///   - progress: told of plain bytes that have been compressed.
    func write(
        to folder: RepositoryFolder, assembly: ReleaseAssembly, pages: PageBundles, progress: @Sendable (UInt64) -> Void
    ) throws -> WrittenDeltas {
        var result = WrittenDeltas()
        var indexes: [(base: Digest, count: Int)] = []
        let incoming = try folder.freshIncoming()
        var writer = BundleWriter(folder, incoming: incoming), parts = BundleWriter(folder, incoming: incoming, name: "index")
        var named: [Digest] = []
        for draft in drafts {
            let level = settings.deltaLevel(for: draft.groups.reduce(0) { $0 + $1.size })
            let trial = DeltaTrial(base: draft.base, build: build, pages: source)
            let frames = try DeltaFrames(trial: trial, level: level).best(of: draft.arrangements, assembly, progress: progress)
            let made = IndexFitting.fitting(frames) {
                IndexFitting.Weight(chunks: $0.group.chunks, prefix: $0.group.prefix.runs, saved: $0.saved)
            }
            let newPages = try NewPages(of: pages, since: draft.base, reading: source, besides: made.compactMap(\.content))
            let contentSaved = made.reduce(0) { $0 + $1.saved }
            guard contentSaved + newPages.saved >= settings.leastDeltaSaving else { continue }
            for frame in made { try writer.append(frame.bytes, plainSize: frame.group.size) }
            let places = try writer.finish()
            let index = try DeltaIndex(of: zip(made, places).map { ($0, $1) }, newPages)
            let encoded = index.encoded()
            // Read it as a client will: what a client refuses must not be published.
            _ = try DeltaIndex(decoding: encoded)
            var encoder = try FrameEncoder(level: 19)
            let compressed = try encoder.encode(encoded)
            try parts.append(compressed, plainSize: encoded.count)
            named.append(Digest(of: encoded))
            if !newPages.compressed.isEmpty {
                try parts.append(newPages.compressed, plainSize: newPages.plain.count)
                named.append(Digest(of: newPages.plain))
            }
            indexes.append((draft.base.manifest.identity.digest, newPages.compressed.isEmpty ? 1 : 2))
            result.counts.append(
                Publication.Delta(
                    base: draft.base.manifest.identity.version,
                    bytes: UInt64(made.reduce(0) { $0 + $1.bytes.count } + compressed.count + newPages.compressed.count),
                    bytesSaved: UInt64(contentSaved + newPages.saved)))
        }
        var places = zip(named, try parts.finish()).map { DeltaReference.Part(digest: $0, frame: $1) }[...]
        for index in indexes {
            let own = Array(places.prefix(index.count))
            places = places.dropFirst(index.count)
            result.references.append(DeltaReference(base: index.base, index: own[0], pages: index.count == 2 ? own[1] : nil))
        }
        // What they bring and how it is numbered depends on the files alone, the pages in them on the places of chunks, too.
        if let same, same.pages == Set(pages.pages) { result.references += same.deltas }
        result.bytesWritten = writer.bytesWritten + parts.bytesWritten
        result.bundlesWritten = writer.bundlesWritten + parts.bundlesWritten
        return result
    }
}

/// What writing the deltas of a release came to.
struct WrittenDeltas {
    var references: [DeltaReference] = []
    var counts: [Publication.Delta] = []
    var bytesWritten: UInt64 = 0
    var bundlesWritten = 0
}
