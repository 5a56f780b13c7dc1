internal import InstarContent
internal import InstarManifest

/// Reads content of the two releases with the members of archives inflated. One reader serves one thread.
struct InflatedReader: ~Copyable {
    private let trial: DeltaTrial
    private(set) var content: DeltaTrial.Tools
    private var inflater: Inflater
    private var proof = RecompressionProof()

    init(_ trial: DeltaTrial) throws {
        self.trial = trial
        content = trial.tools()
        inflater = try Inflater()
    }

    /// New content as a frame holds it.
    mutating func content(of pair: DeltaPair) throws -> [UInt8] {
        guard let stream = pair.inflation?.new else { return try trial.read(pair.new, &content.new) }
        return try trial.read(pair.new.lowerBound..<stream.chunks.lowerBound, &content.new)
            + inflater.inflate(trial.read(stream.chunks, &content.new), limit: stream.size)
            + trial.read(stream.chunks.upperBound..<pair.new.upperBound, &content.new)
    }

    /// Old content as the prefix of a frame holds it.
    mutating func content(of prefix: DeltaPrefix) throws -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(prefix.size)
        for part in prefix.parts {
            let old = try content.old.read([part.chunks])
            if part.isStream { bytes += try inflater.inflate(old, limit: part.size) } else { bytes += old }
        }
        return bytes
    }

    /// The inflated content of an old member; nil where it is not what its archive says.
    mutating func inflated(old member: PlacedMember) throws -> [UInt8]? {
        let bytes = try content.old.read([member.content])
        return member.isDeflated ? inflated(bytes, size: member.plainSize) : bytes
    }

    /// The same of a new member.
    mutating func inflated(new member: PlacedMember) throws -> [UInt8]? {
        let bytes = try trial.read(member.content, &content.new)
        return member.isDeflated ? inflated(bytes, size: member.plainSize) : bytes
    }

    /// Which of `candidates` deflates the content of a new member to what it is.
    mutating func parameters(of member: PlacedMember, among candidates: [DeflateParameters]) throws -> DeflateParameters? {
        guard !candidates.isEmpty else { return nil }
        let deflated = try trial.read(member.content, &content.new)
        guard let plain = inflated(deflated, size: member.plainSize) else { return nil }
        return try proof.parameters(among: candidates, making: deflated, of: plain)
    }

    private mutating func inflated(_ deflated: [UInt8], size: Int) -> [UInt8]? {
        guard let plain = try? inflater.inflate(deflated, limit: size), plain.count == size else { return nil }
        return plain
    }

    /// Which chunks an old member is.
    mutating func place(_ old: OldMember, of members: MemberPairing) throws -> PlacedMember? {
        try members.place(old, &content.old)
    }
}
