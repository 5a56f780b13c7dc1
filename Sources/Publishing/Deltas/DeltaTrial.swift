internal import InstarContent
internal import InstarCryptography
internal import InstarManifest
internal import InstarThreads

/// Finds out which pairs are worth a delta, by compressing them fast, and looks for better counterparts where they are not.
struct DeltaTrial {
    /// A pair may take at most this share of what its new content takes alone. Tried alone and fast, most that old content helps
    /// at all is near 1: together, at a slow level, frames are what decides. Measured on corpus B: 0.8 4.32 MB, 0.97 4.15, 1.02 3.97.
    static let worthwhileShare = 1.02
    /// zstd's level for trying.
    static let level = 3

    let base: DeltaBase
    let build: Build
    let pages: RepositoryPages

    /// The pairs that are worth it, in the order of the new release.
    func worthwhile(_ pairs: [DeltaPair], isGone: [Bool], oldFiles: [Range<UInt32>]) throws -> [DeltaPair] {
        let verdicts = try tried(pairs)
        var good = zip(pairs, verdicts).filter(\.1).map(\.0)
        let rest = zip(pairs, verdicts).filter { !$1 }.map(\.0)
        if let similar = try DeltaSimilarity(base, isGone: isGone, oldFiles: oldFiles, pages: pages) {
            let candidates = try similar.counterparts(
                for: rest, tools: { tools() }, reading: { chunks, tools in try read(chunks, &tools.new) })
            good += zip(candidates, try tried(candidates)).filter(\.1).map(\.0)
        }
        return good.sorted { $0.new.lowerBound < $1.new.lowerBound }
    }

    /// What one thread reads with.
    struct Tools: ~Copyable {
        var new: ChunkReader
        var old: OldContent
    }

    func tools() -> Tools { Tools(new: ChunkReader(build: build), old: OldContent(of: base, in: pages)) }

    /// The new content of some chunks.
    func read(_ chunks: Range<UInt32>, _ reader: inout ChunkReader) throws -> [UInt8] {
        let wanted = chunks.map { number in
            let chunk = base.changed.new.chunks[Int(number)]
            return NewChunk(digest: chunk.digest, size: chunk.size, item: base.entries[Int(chunk.file)], offset: chunk.offset)
        }
        return try reader.read(wanted[...])
    }

    private struct TrialTools: ~Copyable {
        var content: Tools
        var encoder: FrameEncoder
    }

    private func tried(_ pairs: [DeltaPair]) throws -> [Bool] {
        // Neighbours go to one thread, so that what they read is read once.
        let length = 32
        let verdicts = try Workers.map(
            count: (pairs.count + length - 1) / length,
            tools: { TrialTools(content: tools(), encoder: try FrameEncoder(level: DeltaTrial.level)) }
        ) { tools, run in
            try pairs[run * length..<min(pairs.count, (run + 1) * length)].map { try isWorthwhile($0, &tools) }
        }
        return verdicts.flatMap { $0 }
    }

    private func isWorthwhile(_ pair: DeltaPair, _ tools: inout TrialTools) throws -> Bool {
        guard !pair.old.isEmpty else { return false }
        let plain = try read(pair.new, &tools.content.new), prefix = try tools.content.old.read(pair.old)
        let alone = try tools.encoder.encode(plain).count, together = try tools.encoder.encode(plain, prefix: prefix).count
        return Double(together) < Double(alone) * DeltaTrial.worthwhileShare
    }
}
