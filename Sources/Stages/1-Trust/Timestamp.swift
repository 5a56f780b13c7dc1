/// A timestamp that is trusted: signed by the keys that the root names. It says which snapshot is the newest.
package struct TrustedTimestamp: Sendable {
    package let version: Int64
    package let expires: UTCTime
    /// The one file that it lists.
    package let snapshot: MetadataRecord
    package let bytes: [UInt8]

    /// §5.4.2: a timestamp that the root's keys signed. On its own (a stored one) it serves only to hold back
    /// older ones until `current` was asked.
    package init(_ bytes: [UInt8], under root: Current<TrustedRoot>) throws(TrustError) {
        let metadata = try SignedMetadata(parsing: bytes, as: .timestamp, role: "timestamp")
        try root.metadata.root.keys(of: "timestamp").verify(metadata)
        let signed = try Fields(.object(metadata.signed), of: "timestamp", at: "signed")
        (version, expires, self.bytes) = (metadata.version, metadata.expires, bytes)
        snapshot = try MetadataRecord(signed.fields("meta").fields("snapshot.json"))
    }

    /// §5.4.3: the timestamp to go on with when the repository sent `bytes`: the new one, or this one if both
    /// have the same version. An older one, or one that lists an older snapshot, is a rollback attack.
    package func replaced(by bytes: [UInt8], under root: Current<TrustedRoot>) throws(TrustError) -> TrustedTimestamp {
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
        try requireUnexpired("timestamp", expires, at: now)
        return Current(self, now)
    }
}
