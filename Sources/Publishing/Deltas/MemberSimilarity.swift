internal import InstarContent
internal import InstarManifest
internal import InstarThreads

/// Finds, by what they hold inflated, the old members that others of a new name came from.
struct MemberSimilarity {
    private let gone: [OldMember]
    private let trial: DeltaTrial
    private let samples: ContentSamples
    /// The member in which a sample was seen first.
    private var owners: [UInt64: Int] = [:]

    /// Samples all members that are gone; nil where none is.
    init?(among gone: [OldMember], of members: MemberPairing, reading trial: DeltaTrial) throws {
        let size = gone.reduce(0) { $0 + Int($1.member.plainSize) }
        guard size > 0 else { return nil }
        var distance = 256
        while size / distance > DeltaSimilarity.maximumSamples { distance *= 2 }
        let sampler = ContentSamples(distance: distance)
        (self.gone, self.trial, samples) = (gone, trial, sampler)
        let found = try Workers.map(count: gone.count, tools: { try InflatedReader(trial) }) { reader, index in
            guard let placed = try reader.place(gone[index], of: members) else { return [UInt64]() }
            return try reader.inflated(old: placed).map { sampler.all(in: $0[...]) } ?? []
        }
        for (index, samples) in found.enumerated() {
            for sample in samples where owners[sample] == nil { owners[sample] = index }
        }
    }

    /// The same pairs, those without a counterpart with the one that has the most in common with them, if any has enough.
    func completed(_ pairs: [MemberPair], where isWanted: (MemberPair) -> Bool) throws -> [MemberPair] {
        let lonely = pairs.indices.filter { pairs[$0].old == nil && isWanted(pairs[$0]) }
        let wanted = lonely.map { pairs[$0].new }
        let found = try Workers.map(count: wanted.count, tools: { try InflatedReader(trial) }) { reader, index in
            try reader.inflated(new: wanted[index]).flatMap { counterpart(of: $0) }
        }
        var pairs = pairs
        for (index, counterpart) in zip(lonely, found) { pairs[index].old = counterpart }
        return pairs
    }

    private func counterpart(of content: [UInt8]) -> OldMember? {
        let own = samples.all(in: content[...])
        var hits: [Int: Int] = [:]
        for sample in own { if let owner = owners[sample] { hits[owner, default: 0] += 1 } }
        // Of equally good ones the first, so that the same build gives the same delta.
        guard let best = hits.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }) else { return nil }
        guard best.value >= 2, Double(best.value) >= Double(own.count) * DeltaSimilarity.leastShare else { return nil }
        return gone[best.key]
    }
}
