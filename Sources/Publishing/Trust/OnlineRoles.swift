internal import InstarCryptography
internal import InstarTrust

/// New versions of targets, snapshot and timestamp, made together: whatever lists a file that changed changes
/// too, the timestamp always.
struct OnlineRoles {
    /// Which roles get a new version besides the timestamp.
    struct Changes: OptionSet {
        let rawValue: Int
        static let targets = Changes(rawValue: 1)
        static let snapshot = Changes(rawValue: 2)
    }

    /// The online roles with their kinds, those that list others last.
    static let kinds: [(kind: SignedMetadata.Kind, role: ByteText)] = [
        (.targets, "targets"), (.snapshot, "snapshot"), (.timestamp, "timestamp"),
    ]

    /// Where private keys come from: a role's signers, or the reason why there are too few.
    typealias Signers = (ByteText) throws(TrustPublishingError) -> [SigningKey]

    var targets: MetadataDraft
    var snapshot: MetadataDraft
    var timestamp: MetadataDraft

    init(_ published: PublishedMetadata) {
        targets = MetadataDraft(.targets, published.targets)
        snapshot = MetadataDraft(.snapshot, published.snapshot)
        timestamp = MetadataDraft(.timestamp, published.timestamp)
    }

    init(lifetimes: Lifetimes) {
        targets = MetadataDraft(new: .targets, lifetime: lifetimes.targets, ["targets": [:]])
        snapshot = MetadataDraft(new: .snapshot, lifetime: lifetimes.snapshot, ["meta": [:]])
        timestamp = MetadataDraft(new: .timestamp, lifetime: lifetimes.timestamp, ["meta": [:]])
    }

    /// Signs the new versions. The timestamp comes last: until it is written, clients see nothing of the rest.
    mutating func files(changing changes: Changes, now: UTCTime, signers: Signers) throws(TrustPublishingError) -> [(
        name: String, bytes: [UInt8]
    )] {
        var files: [(name: String, bytes: [UInt8])] = []
        if changes.contains(.targets) {
            targets.advance(now: now)
            let bytes = try targets.signed(with: signers("targets"))
            snapshot[object: "meta"]["targets.json"] = OnlineRoles.record(of: bytes, version: targets.version)
            files.append(("\(targets.version).targets.json", bytes))
        }
        if !changes.isEmpty {
            snapshot.advance(now: now)
            let bytes = try snapshot.signed(with: signers("snapshot"))
            timestamp[object: "meta"]["snapshot.json"] = OnlineRoles.record(of: bytes, version: snapshot.version)
            files.append(("\(snapshot.version).snapshot.json", bytes))
        }
        timestamp.advance(now: now)
        files.append(("timestamp.json", try timestamp.signed(with: signers("timestamp"))))
        return files
    }

    /// How a file is listed by the role above it: version, length and digest, so that a client reads no byte
    /// too many and takes no other file of that version.
    private static func record(of bytes: [UInt8], version: Int64) -> JSON {
        ["version": .integer(version), "length": .integer(Int64(bytes.count)), "hashes": ["sha256": JSON(Digest(of: bytes).description)]]
    }
}
