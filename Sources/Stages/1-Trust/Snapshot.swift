/// What a snapshot says: the version of every targets role, so that nobody can mix files of different times.
package struct Snapshot: Sendable {
    package let version: Int64
    package let expires: UTCTime
    /// Every targets role's file, by file name (`targets.json`).
    package let files: [ByteText: MetadataRecord]

    package init(_ metadata: SignedMetadata) throws(TrustError) {
        let signed = try Fields(.object(metadata.signed), of: metadata.role, at: "signed")
        var files: [ByteText: MetadataRecord] = [:]
        let list = try signed.fields("meta")
        for member in list.object.members { files[member.key] = try MetadataRecord(list.fields(member.key)) }
        guard files["targets.json"] != nil else { throw list.error("targets.json", "is missing") }
        (version, expires, self.files) = (metadata.version, metadata.expires, files)
    }
}

/// A snapshot that is trusted: signed by the keys that the root names.
package struct TrustedSnapshot: Sendable {
    private let snapshot: Snapshot
    /// The file as received.
    package let bytes: [UInt8]

    package var version: Int64 { snapshot.version }
    /// Every targets role's file, by file name.
    package var files: [ByteText: MetadataRecord] { snapshot.files }

    /// §5.5.3 for a stored snapshot, which was checked against its timestamp when it was stored: it serves
    /// only to hold back older ones until `current` was asked.
    package init(stored bytes: [UInt8], under root: Current<TrustedRoot>) throws(TrustError) {
        let metadata = try SignedMetadata(parsing: bytes, as: .snapshot, role: "snapshot")
        try root.metadata.root.keys(of: "snapshot").verify(metadata)
        snapshot = try Snapshot(metadata)
        self.bytes = bytes
    }

    /// §5.5.2 to §5.5.5 for a snapshot that the repository sent; `previous` is the stored one.
    package init(
        _ bytes: [UInt8], listedIn timestamp: Current<TrustedTimestamp>, under root: Current<TrustedRoot>,
        replacing previous: TrustedSnapshot?
    ) throws(TrustError) {
        // §5.5.2
        try timestamp.metadata.snapshot.requireMatch(bytes, "snapshot")
        // §5.5.3
        try self.init(stored: bytes, under: root)
        // §5.5.4
        guard version == timestamp.metadata.snapshot.version else {
            throw TrustError(
                .wrongVersion, "snapshot", "its version is \(version), and the timestamp lists \(timestamp.metadata.snapshot.version)")
        }
        if let previous { try requireNoRollback(from: previous) }
    }

    /// §5.5.5: no role may go back to an older version, and none may vanish.
    private func requireNoRollback(from previous: TrustedSnapshot) throws(TrustError) {
        for (name, record) in previous.files {
            guard let new = files[name] else { throw TrustError(.rollback, "snapshot", "it no longer lists \(name.printable)") }
            guard new.version >= record.version else {
                throw TrustError(
                    .rollback, "snapshot", "it lists version \(new.version) of \(name.printable), and \(record.version) was already trusted"
                )
            }
        }
    }

    /// Whether this is the very file that a timestamp lists.
    package func isListed(in timestamp: Current<TrustedTimestamp>) -> Bool {
        version == timestamp.metadata.snapshot.version && timestamp.metadata.snapshot.matches(bytes)
    }

    /// §5.5.6: the snapshot, if it is the listed one and not expired.
    package func current(listedIn timestamp: Current<TrustedTimestamp>) throws(TrustError) -> Current<TrustedSnapshot> {
        guard isListed(in: timestamp) else { throw TrustError(.wrongVersion, "snapshot", "it is not the one that the timestamp lists") }
        try requireUnexpired("snapshot", snapshot.expires, at: timestamp.now)
        return Current(self, timestamp.now)
    }
}

extension Current<TrustedSnapshot> {
    /// How the file of a targets role is listed. A role that was delegated to but is not listed is not trusted.
    package func record(of role: ByteText) throws(TrustError) -> MetadataRecord {
        guard let record = metadata.files[ByteText(validUTF8: role.utf8 + Array(".json".utf8))] else {
            throw TrustError(.notListed, role, "the snapshot does not list it")
        }
        return record
    }
}
