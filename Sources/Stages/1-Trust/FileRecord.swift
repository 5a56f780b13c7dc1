package import InstarCryptography

/// Digests that signed metadata gives for a file.
package struct FileDigests: Hashable, Sendable {
    /// The digests that this client can check; at least one.
    package let known: [HashAlgorithm: [UInt8]]

    /// Digests of algorithms that this client does not know are skipped, but one must be known: a file that
    /// nothing vouches for is not taken.
    init(_ fields: Fields) throws(TrustError) {
        var known: [HashAlgorithm: [UInt8]] = [:]
        for algorithm in HashAlgorithm.allCases {
            let name = ByteText(algorithm.rawValue)
            guard fields.has(name) else { continue }
            guard let digest = [UInt8](hexadecimal: try fields.string(name).description), digest.count == algorithm.byteCount else {
                throw fields.error(name, "is no \(name) digest")
            }
            known[algorithm] = digest
        }
        guard !known.isEmpty else {
            throw TrustError(.malformed, fields.subject, "\(fields.place) has no digest that this client can check")
        }
        self.known = known
    }

    /// The digest that stands in front of a file name in a consistent snapshot.
    package var namePrefix: String {
        (known[.sha256] ?? known[.sha512] ?? known[.sha384] ?? []).hexadecimal
    }

    /// Whether bytes in memory have every one of the digests.
    package func match(_ bytes: [UInt8]) -> Bool {
        known.allSatisfy { algorithm, digest in
            var hash = FileHash(algorithm)
            unsafe bytes.withUnsafeBytes { unsafe hash.update($0) }
            return hash.finalize() == digest
        }
    }
}

/// How timestamp and snapshot list a metadata file (§4.4): its version, and perhaps its length and digests.
package struct MetadataRecord: Hashable, Sendable {
    package let version: Int64
    package let length: Int64?
    package let digests: FileDigests?

    init(_ fields: Fields) throws(TrustError) {
        version = try fields.integer("version", in: SignedMetadata.versions)
        length = fields.has("length") ? try fields.integer("length", in: 1...(1 << 40)) : nil
        digests = fields.has("hashes") ? try FileDigests(fields.fields("hashes")) : nil
    }

    /// How much of the file to read at most, in bytes.
    package func limit(for kind: SignedMetadata.Kind) -> Int {
        min(length.map { Int($0) } ?? kind.limit, kind.limit)
    }

    /// Whether bytes have the listed length and digests.
    package func matches(_ bytes: [UInt8]) -> Bool {
        (length ?? Int64(bytes.count)) == Int64(bytes.count) && digests?.match(bytes) ?? true
    }

    /// §5.5.2 and §5.6.2: throws unless bytes have the listed length and digests.
    func requireMatch(_ bytes: [UInt8], _ role: ByteText) throws(TrustError) {
        guard matches(bytes) else { throw TrustError(.mismatch, role, "its length or digest is not the one that was listed for it") }
    }
}
