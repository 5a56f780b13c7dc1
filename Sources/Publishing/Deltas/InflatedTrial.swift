internal import InstarContent
internal import InstarManifest
internal import InstarThreads

/// Finds out which members are worth a delta in their inflated form, of those that zlib provably deflates to the same bytes again.
struct InflatedTrial {
    let trial: DeltaTrial

    private struct Tools: ~Copyable {
        var reader: InflatedReader
        var encoder: FrameEncoder
    }

    /// The pairs that are worth it, in the order of the new release.
    func worthwhile(_ members: MemberPairing) throws -> [DeltaPair] {
        let (named, gone) = try members.pairs()
        guard !named.isEmpty else { return [] }
        let survey = try RecompressionSurvey(named, reading: trial)
        let similar = try MemberSimilarity(among: gone, of: members, reading: trial)
        let pairs = try similar?.completed(named) { !survey.candidates(for: $0).isEmpty } ?? named
        // Neighbours go to one thread, so that what they read is read once.
        let length = 16
        let found = try Workers.map(
            count: (pairs.count + length - 1) / length,
            tools: { Tools(reader: try InflatedReader(trial), encoder: try FrameEncoder(level: DeltaTrial.level)) }
        ) { tools, run in
            try pairs[run * length..<min(pairs.count, (run + 1) * length)].map { pair in
                try proven(pair, members, survey, &tools.reader).flatMap { try isWorthwhile($0, &tools) ? $0 : nil }
            }
        }
        return found.joined().compactMap(\.self)
    }

    /// The members as content and prefix of a frame; nil where neither can be inflated.
    private func proven(
        _ pair: MemberPair, _ members: MemberPairing, _ survey: RecompressionSurvey, _ reader: inout InflatedReader
    ) throws -> DeltaPair? {
        var inflation = DeltaPair.Inflation()
        if pair.new.isDeflated {
            guard let parameters = try reader.parameters(of: pair.new, among: survey.candidates(for: pair)) else { return nil }
            inflation.new = .init(chunks: pair.new.content, size: pair.new.plainSize)
            inflation.parameters = parameters
        }
        var old: [Range<UInt32>] = []
        if let counterpart = pair.old, let member = try reader.place(counterpart, of: members) {
            if !member.isDeflated {
                old = [member.chunks]
            } else if try reader.inflated(old: member) != nil {
                old = [member.chunks]
                inflation.old = .init(chunks: member.content, size: member.plainSize)
            }
        }
        guard inflation.new != nil || inflation.old != nil else { return nil }
        let deflated = inflation.new.map { trial.base.newSize(of: $0.chunks) } ?? 0
        let size = trial.base.newSize(of: pair.new.chunks) - deflated + (inflation.new?.size ?? 0)
        return DeltaPair(new: pair.new.chunks, newSize: size, old: old, inflation: inflation)
    }

    /// A member without a counterpart is worth it where it was worth deflating, since zstd does that better.
    private static let deflatedShare = 0.95

    /// As for other pairs, but next to the deflated bytes, which is what the member costs alone.
    private func isWorthwhile(_ pair: DeltaPair, _ tools: inout Tools) throws -> Bool {
        guard !pair.old.isEmpty else {
            return Double(trial.base.newSize(of: pair.new)) < Double(pair.newSize) * InflatedTrial.deflatedShare
        }
        var prefix = DeltaPrefix()
        for part in pair.oldParts(in: trial.base) { prefix.append(part) }
        let plain = try tools.reader.content(of: pair), old = try tools.reader.content(of: prefix)
        let together = try tools.encoder.encode(plain, prefix: old).count
        return Double(together) < Double(trial.base.newSize(of: pair.new)) * DeltaTrial.worthwhileShare
    }
}

extension DeltaBase {
    /// Bytes of chunks of the new release.
    func newSize(of chunks: Range<UInt32>) -> Int { chunks.reduce(0) { $0 + Int(changed.new.chunks[Int($1)].size) } }
}
