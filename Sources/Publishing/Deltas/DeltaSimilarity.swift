internal import InstarContent
internal import InstarCryptography
internal import InstarManifest
internal import InstarThreads

/// Finds old content by what it holds: for files that were renamed or moved, and changed at the same time.
struct DeltaSimilarity {
    /// Samples of old content that are kept at the most, whatever its size: bounds memory to some 64 MB.
    static let maximumSamples = 1 << 20
    /// Of the samples of new content, how many an old file must have.
    static let leastShare = 0.02

    private let base: DeltaBase
    private let samples: ContentSamples
    private let isGone: [Bool]
    private let oldFiles: [Range<UInt32>]
    /// The old chunk in which a sample was seen first.
    private var owners: [UInt64: UInt32] = [:]

    /// Samples everything that is gone; nil where nothing is.
    init?(_ base: DeltaBase, isGone: [Bool], oldFiles: [Range<UInt32>], pages: RepositoryPages) throws {
        let old = base.changed.old.chunks
        let gone = old.indices.filter { isGone[$0] }
        let size = gone.reduce(0) { $0 + Int(old[$1].size) }
        guard size > 0 else { return nil }
        var distance = 256
        while size / distance > DeltaSimilarity.maximumSamples { distance *= 2 }
        (self.base, self.isGone, self.oldFiles) = (base, isGone, oldFiles)
        samples = ContentSamples(distance: distance)
        let length = 256
        let sampler = samples
        let found = try Workers.map(count: (gone.count + length - 1) / length, tools: { OldContent(of: base, in: pages) }) { content, run in
            try gone[run * length..<min(gone.count, (run + 1) * length)].map { number in
                (UInt32(number), sampler.all(in: try content.read(number)))
            }
        }
        for (number, samples) in found.joined() {
            for sample in samples where owners[sample] == nil { owners[sample] = number }
        }
    }

    /// The pairs with other counterparts, those without one left out.
    func counterparts(
        for pairs: [DeltaPair], tools: @Sendable () -> DeltaTrial.Tools,
        reading read: @Sendable (Range<UInt32>, inout DeltaTrial.Tools) throws -> [UInt8]
    ) throws -> [DeltaPair] {
        let found = try Workers.map(count: pairs.count, tools: tools) { tools, index in
            var pair = pairs[index]
            pair.old = counterpart(of: try read(pair.new, &tools))
            return pair
        }
        return zip(found, pairs).filter { !$0.old.isEmpty && $0.old != $1.old }.map(\.0)
    }

    /// The gone chunks of the old file that has the most samples in common with `content`, those around the common ones
    /// where all would be too many.
    private func counterpart(of content: [UInt8]) -> [Range<UInt32>] {
        let own = samples.all(in: content[...])
        var hits: [UInt32: [UInt32]] = [:]
        for sample in own {
            guard let chunk = owners[sample] else { continue }
            hits[base.changed.old.chunks[Int(chunk)].file, default: []].append(chunk)
        }
        // Of equally good ones the first, so that the same build gives the same delta.
        guard let best = hits.max(by: { ($0.value.count, $1.key) < ($1.value.count, $0.key) }) else { return [] }
        guard best.value.count >= 2, Double(best.value.count) >= Double(own.count) * DeltaSimilarity.leastShare else { return [] }
        let gone = oldFiles[Int(best.key)].filter { isGone[Int($0)] }
        if size(gone) <= DeltaPairing.largest { return gone.runs }
        var taken: [UInt32] = []
        let near = Set(best.value.flatMap { [$0 == 0 ? 0 : $0 - 1, $0, $0 + 1] })
        var total = 0
        for chunk in gone where near.contains(chunk) {
            total += Int(base.changed.old.chunks[Int(chunk)].size)
            if total > DeltaPairing.largest { break }
            taken.append(chunk)
        }
        return taken.runs
    }

    private func size(_ chunks: [UInt32]) -> Int { chunks.reduce(0) { $0 + Int(base.changed.old.chunks[Int($1)].size) } }
}
