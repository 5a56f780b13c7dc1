internal import InstarContent
internal import InstarCryptography
internal import InstarManifest
internal import InstarThreads

/// Which pairs share a frame: many small changes together, as far as a client's memory allows.
struct DeltaPacking {
    /// Plain bytes of a frame and of its prefix: what a client holds of each at a time.
    static let frameSize = Int(FrameLimits.maximumPlainSize)
    static let prefixSize = 8 << 20

    /// What goes into one frame.
    struct Group: Hashable, Sendable {
        var pairs: [DeltaPair] = []
        var prefix = DeltaPrefix()
        /// Bytes in the frame, and as chunks.
        var size = 0
        var chunkSize = 0

        var chunks: [Range<UInt32>] { pairs.flatMap { Array($0.new) }.runs }
        var isDeflated: Bool { pairs.first?.isDeflated ?? false }
    }

    /// What must be in the same frame or in none.
    private struct Kind: Hashable {
        /// Not every client has every pack.
        var pack: String
        /// Not every client's zlib deflates as the publisher's.
        var isDeflated: Bool
    }

    private let base: DeltaBase

    init(_ base: DeltaBase) { self.base = base }

    /// The frames, each of files of one pack, and either with streams that the client deflates or without.
    func groups(of pairs: [DeltaPair]) -> [Group] {
        let kinds = Dictionary(grouping: pairs, by: kind)
        return kinds.sorted { ($0.key.pack, $0.key.isDeflated ? 1 : 0) < ($1.key.pack, $1.key.isDeflated ? 1 : 0) }
            .flatMap { packed($0.value) }
    }

    private func kind(of pair: DeltaPair) -> Kind {
        let new = base.changed.new
        return Kind(pack: new.files[Int(new.chunks[Int(pair.new.lowerBound)].file)].pack, isDeflated: pair.isDeflated)
    }

    private func packed(_ pairs: [DeltaPair]) -> [Group] {
        var groups: [Group] = []
        var group = Group()
        var present: Set<UInt32> = []
        for pair in pairs {
            var parts = pair.oldParts(in: base)
            let chunkSize = base.newSize(of: pair.new)
            let added = parts.reduce(0) { present.contains($1.chunks.lowerBound) ? $0 : $0 + $1.size }
            if group.size + pair.newSize > DeltaPacking.frameSize || group.chunkSize + chunkSize > DeltaPacking.frameSize
                || group.prefix.size + added > DeltaPacking.prefixSize
            {
                if !group.pairs.isEmpty { groups.append(group) }
                (group, present) = (Group(), [])
            }
            parts = parts.filter { present.insert($0.chunks.lowerBound).inserted }
            for part in parts { group.prefix.append(part) }
            group.pairs.append(pair)
            group.size += pair.newSize
            group.chunkSize += chunkSize
        }
        if !group.pairs.isEmpty { groups.append(group) }
        return groups
    }
}

extension DeltaPair {
    /// Whether the client deflates some of it.
    var isDeflated: Bool { inflation?.new != nil }
}
