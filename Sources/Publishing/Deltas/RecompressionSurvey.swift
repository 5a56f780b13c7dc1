internal import InstarContent
internal import InstarManifest
internal import InstarThreads

/// What the archives of a release are deflated with, as a few of their members tell: so that the others are tried with little,
/// and those of a tool that zlib does not follow not at all.
struct RecompressionSurvey {
    /// Members that are tried with everything: so many of the largest, which tell levels apart, and so many of all.
    private static let samples = 8

    /// Members that one tool made in one way, as far as their archive shows.
    private struct Maker: Hashable {
        var file: Int
        var flags: UInt16

        init(_ pair: MemberPair) { (file, flags) = (pair.file, pair.flags & 6) }
    }

    /// What proved right, that of the most bytes first.
    private var known: [Maker: [DeflateParameters]] = [:]

    init(_ pairs: [MemberPair], reading trial: DeltaTrial) throws {
        var members: [Maker: [MemberPair]] = [:]
        for pair in pairs where pair.new.isDeflated { members[Maker(pair), default: []].append(pair) }
        let samples = members.sorted { ($0.key.file, $0.key.flags) < ($1.key.file, $1.key.flags) }.flatMap { maker, members in
            RecompressionSurvey.sample(of: members).map { (maker: maker, pair: $0) }
        }
        let found = try Workers.map(count: samples.count, tools: { try InflatedReader(trial) }) { reader, index in
            let pair = samples[index].pair
            return try reader.parameters(of: pair.new, among: RecompressionProof.candidates(flags: pair.flags))
        }
        var sizes: [Maker: [DeflateParameters: Int]] = [:]
        for (sample, parameters) in zip(samples, found) {
            if let parameters { sizes[sample.maker, default: [:]][parameters, default: 0] += sample.pair.new.plainSize }
        }
        for (maker, sizes) in sizes {
            known[maker] = sizes.sorted { ($1.value, $0.key.memory, $0.key.level) < ($0.value, $1.key.memory, $1.key.level) }.map(\.key)
        }
    }

    /// What a member is to be tried with; nothing where nothing proved right.
    func candidates(for pair: MemberPair) -> [DeflateParameters] { known[Maker(pair)] ?? [] }

    private static func sample(of members: [MemberPair]) -> [MemberPair] {
        guard members.count > samples * 2 else { return members }
        let largest = members.indices.sorted { (members[$1].new.plainSize, $0) < (members[$0].new.plainSize, $1) }.prefix(samples)
        let spread = (0..<samples).map { members.count * $0 / samples }
        return Set(largest + spread).sorted().map { members[$0] }
    }
}
