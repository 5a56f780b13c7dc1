internal import InstarContent
internal import InstarCryptography
internal import InstarManifest
internal import InstarThreads

/// The deltas of a release that is being published: found before its content is packed, written when that lies where it stays.
struct ReleaseDeltas {
    private struct Draft {
        var base: DeltaBase
        var groups: [DeltaPacking.Group]
    }

    private let settings: Publisher.Settings
    private let build: Build
    private let source: RepositoryPages
    private var drafts: [Draft] = []

    /// Finds what of a build is worth a delta from each of `bases`.
    init(_ settings: Publisher.Settings, from bases: [Manifest], to cut: CutBuild, in folder: RepositoryFolder) throws {
        (self.settings, build) = (settings, cut.build)
        source = RepositoryPages(folder)
        guard !bases.isEmpty else { return }
        let entries = ReleaseAssembly.entries(of: build, cut.cuts) { _ in ContentIndex.Place(frame: 0, start: 0) }
        let chunks = Set(cut.cuts.lazy.compactMap { $0 }.flatMap { $0.pieces.filter { !$0.isZero }.map(\.digest) })
        for manifest in bases {
            let base = try DeltaBase(manifest, comparedWith: entries, reading: source)
            let pairing = DeltaPairing(base, newChunks: chunks)
            let trial = DeltaTrial(base: base, build: build, pages: source)
            let pairs = try trial.worthwhile(pairing.pairs(), isGone: pairing.isGone, oldFiles: pairing.oldFiles)
            drafts.append(Draft(base: base, groups: DeltaPacking(base).groups(of: DeltaOrder(base).sorted(pairs))))
        }
    }

    /// All chunks that some delta brings.
    var chunks: Set<Digest> {
        var chunks: Set<Digest> = []
        for draft in drafts {
            for group in draft.groups {
                for number in group.chunks.joined() { chunks.insert(draft.base.changed.new.chunks[Int(number)].digest) }
            }
        }
        return chunks
    }

    /// Compresses and writes all deltas that are worth it.
    ///
    /// - Parameters:
    ///   - assembly: knows what the same content costs without a delta.
    ///   - pages: those of the new release.
    func write(to folder: RepositoryFolder, assembly: ReleaseAssembly, pages: PageBundles) throws -> WrittenDeltas {
        var result = WrittenDeltas()
        var indexes: [(base: Digest, count: Int)] = []
        let incoming = try folder.freshIncoming()
        var writer = BundleWriter(folder, incoming: incoming), parts = BundleWriter(folder, incoming: incoming, name: "index")
        var named: [Digest] = []
        for draft in drafts {
            let made = try frames(of: draft, assembly)
            let newPages = try NewPages(of: pages, since: draft.base, reading: source, besides: made.map(\.content))
            let contentSaved = made.reduce(0) { $0 + $1.saved }
            guard contentSaved + newPages.saved >= settings.leastDeltaSaving else { continue }
            for frame in made { try writer.append(frame.bytes, plainSize: frame.group.size) }
            let places = try writer.finish()
            let index = DeltaIndex(
                pageSizes: newPages.sizes, pagePrefix: newPages.prefix,
                parts: zip(made, places).map { DeltaIndex.Part(frame: $1, chunks: $0.group.chunks, prefix: $0.group.prefix) },
                frameDigests: newPages.isSparse ? made.map { Digest(of: $0.bytes) } : [])
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
        result.bytesWritten = writer.bytesWritten + parts.bytesWritten
        result.bundlesWritten = writer.bundlesWritten + parts.bundlesWritten
        return result
    }

    private struct MadeFrame: Sendable {
        var group: DeltaPacking.Group
        var bytes: [UInt8]
        var saved: Int
        /// The chunks in it that every client can get by it: those of files that are always installed.
        var digests: [Digest]

        var content: NewPages.Content { NewPages.Content(compressedSize: bytes.count, digests: digests) }
    }

    private struct Tools: ~Copyable {
        var content: DeltaTrial.Tools
        var encoder: FrameEncoder
    }

    /// A frame must take at most this share of what its content takes without a delta.
    private static let worthwhileShare = 0.97

    private func frames(of draft: Draft, _ assembly: ReleaseAssembly) throws -> [MadeFrame] {
        let trial = DeltaTrial(base: draft.base, build: build, pages: source)
        let level = settings.deltaLevel(for: draft.groups.reduce(0) { $0 + $1.size })
        let all = try Workers.map(
            count: draft.groups.count, tools: { Tools(content: trial.tools(), encoder: try FrameEncoder(level: level)) }
        ) { tools, index in
            let group = draft.groups[index]
            var plain: [UInt8] = []
            for pair in group.pairs { plain += try trial.read(pair.new, &tools.content.new) }
            let bytes = try tools.encoder.encode(plain, prefix: try tools.content.old.read(group.prefix))
            let new = draft.base.changed.new
            let chunks = group.chunks.joined().map { new.chunks[Int($0)] }
            let alone = chunks.reduce(0.0) { $0 + assembly.cost(of: $1.digest, size: $1.size) }
            let common = chunks.filter { new.files[Int($0.file)].pack == FileEntry.basePack }
            return MadeFrame(group: group, bytes: bytes, saved: Int(alone) - bytes.count, digests: common.map(\.digest))
        }
        return all.filter { Double($0.bytes.count) < Double($0.saved + $0.bytes.count) * ReleaseDeltas.worthwhileShare }
    }
}

/// What writing the deltas of a release came to.
struct WrittenDeltas {
    var references: [DeltaReference] = []
    var counts: [Publication.Delta] = []
    var bytesWritten: UInt64 = 0
    var bundlesWritten = 0
}
