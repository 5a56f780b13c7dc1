package import InstarCryptography
package import InstarManifest

/// A chunk of local content that a delta's frame is compressed with; re-hashed as it is read.
package struct PrefixPart: Hashable, Sendable {
    package var digest: Digest
    package var size: UInt32
    /// A generation of the store.
    package var generation: UInt64
    package var source: ReleasePath
    package var sourceOffset: UInt64

    package init(digest: Digest, size: UInt32, generation: UInt64, source: ReleasePath, sourceOffset: UInt64) {
        self.digest = digest
        self.size = size
        self.generation = generation
        self.source = source
        self.sourceOffset = sourceOffset
    }
}

/// A frame of a delta, and what it needs of this machine.
package struct OfferedDelta: Hashable, Sendable {
    /// A chunk that the frame brings.
    package struct Content: Hashable, Sendable {
        package var digest: Digest
        package var size: UInt32

        package init(digest: Digest, size: UInt32) {
            self.digest = digest
            self.size = size
        }
    }

    package var frame: Frame
    /// The chunks in it, one after the other from its first byte on.
    package var chunks: [Content]
    /// What it is compressed with, one after the other.
    package var prefix: [PrefixPart]
    /// What of both is inflated, if anything.
    package var inflation: FrameInflation?

    /// Nil where the sizes contradict each other or the prefix is larger than `maximumPrefix`.
    package init?(frame: Frame, chunks: [Content], prefix: [PrefixPart], inflation: FrameInflation? = nil, maximumPrefix: UInt32) {
        let size = chunks.reduce(0) { $0 + UInt64($1.size) }
        guard size == inflation.map({ UInt64($0.size) }) ?? UInt64(frame.plainSize) else { return nil }
        guard inflation.map({ $0.inflatedSize == UInt64(frame.plainSize) && $0.prefixSize <= maximumPrefix }) ?? true else { return nil }
        guard prefix.reduce(0, { $0 + UInt64($1.size) }) <= UInt64(maximumPrefix) else { return nil }
        self.frame = frame
        self.chunks = chunks
        self.prefix = prefix
        self.inflation = inflation
    }
}

/// Which deltas of those that are offered an update takes. A pure value.
struct DeltaChoice {
    struct Chosen {
        var frame: Frame
        /// A run of `prefixes`.
        var prefix: Range<Int>
        /// Index into `inflations`.
        var inflation: Int?
    }

    struct Place {
        /// Index into `chosen`.
        var delta: Int
        /// Where the chunk begins in the plain frame.
        var start: UInt32
    }

    private(set) var chosen: [Chosen] = []
    private(set) var prefixes: [PrefixPart] = []
    private(set) var inflations: [FrameInflation] = []
    private(set) var places: [Digest: Place] = [:]

    init() {}

    /// A delta must take at most this share of the bytes that it saves: reading and hashing old content is work, too.
    static let worthwhileShare = 0.95

    /// Takes one delta after the other, each for what those before it left over.
    ///
    /// - Parameter costs: what each wanted chunk costs without a delta, in bytes: its share of its frame.
    init(among deltas: [OfferedDelta], costs: [Digest: Double]) {
        for delta in deltas {
            let saved = delta.chunks.reduce(0) { $0 + (places[$1.digest] == nil ? costs[$1.digest] ?? 0 : 0) }
            guard Double(delta.frame.compressedSize) < saved * DeltaChoice.worthwhileShare else { continue }
            var start: UInt32 = 0
            for chunk in delta.chunks {
                if costs[chunk.digest] != nil, places[chunk.digest] == nil {
                    places[chunk.digest] = Place(delta: chosen.count, start: start)
                }
                start += chunk.size
            }
            let prefix = prefixes.count..<prefixes.count + delta.prefix.count
            chosen.append(Chosen(frame: delta.frame, prefix: prefix, inflation: delta.inflation.map { _ in inflations.count }))
            prefixes += delta.prefix
            if let inflation = delta.inflation { inflations.append(inflation) }
        }
    }
}
