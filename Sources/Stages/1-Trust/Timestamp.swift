/// What a timestamp says: which snapshot is the newest.
package struct Timestamp: Sendable {
    package let version: Int64
    package let expires: UTCTime
    /// The one file that it lists.
    package let snapshot: MetadataRecord

    package init(_ metadata: SignedMetadata) throws(TrustError) {
        let signed = try Fields(.object(metadata.signed), of: metadata.role, at: "signed")
        (version, expires) = (metadata.version, metadata.expires)
        snapshot = try MetadataRecord(signed.fields("meta").fields("snapshot.json"))
    }
}

/// A timestamp that is trusted: signed by the keys that the root names.
package struct TrustedTimestamp: Sendable {
    private let timestamp: Timestamp
    /// The file as received.
    package let bytes: [UInt8]

    package var version: Int64 { timestamp.version }
    /// How the newest snapshot is listed.
    package var snapshot: MetadataRecord { timestamp.snapshot }

    /// §5.4.2: a timestamp that the root's keys signed. On its own (a stored one) it serves only to hold back
    /// older ones until `current` was asked.
    package init(_ bytes: [UInt8], under root: Current<TrustedRoot>) throws(TrustError) {
        let metadata = try SignedMetadata(parsing: bytes, as: .timestamp, role: "timestamp")
        try root.metadata.root.keys(of: "timestamp").verify(metadata)
        timestamp = try Timestamp(metadata)
        self.bytes = bytes
    }

    /// §5.4.3: the timestamp to go on with when the repository sent `bytes`: the new one, or this one if both
    /// have the same version. An older one, or one that lists an older snapshot, is a rollback attack.
    package func replaced(by bytes: [UInt8], under root: Current<TrustedRoot>) throws(TrustError) -> TrustedTimestamp {
        // The very same bytes were verified already: most refreshes end here.
        if bytes == self.bytes { return self }
        let new = try TrustedTimestamp(bytes, under: root)
        // §5.4.3.1
        guard new.version >= version else {
            throw TrustError(.rollback, "timestamp", "version \(new.version) was sent, and \(version) was already trusted")
        }
        if new.version == version { return self }
        // §5.4.3.2
        guard new.snapshot.version >= snapshot.version else {
            throw TrustError(
                .rollback, "timestamp", "it lists snapshot \(new.snapshot.version), and \(snapshot.version) was already trusted")
        }
        return new
    }

    /// §5.4.4: the timestamp, if it is not expired.
    package func current(at now: UTCTime) throws(TrustError) -> Current<TrustedTimestamp> {
        try requireUnexpired("timestamp", timestamp.expires, at: now)
        return Current(self, now)
    }
}
