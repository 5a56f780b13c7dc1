package import InstarCryptography

/// A file that trusted metadata vouches for: where it is and what its content must be. Only a search in
/// trusted targets roles makes one.
package struct TrustedTarget: Hashable, Sendable {
    /// The path as metadata writes it, such as `channels/stable.json`. It is a name, not a path on this disk.
    package let path: ByteText
    /// The length of the content in bytes.
    package let length: Int64
    /// The digests of the content that this client checks, at least one.
    package let digests: FileDigests
    /// What the publisher says of the file besides, under `custom`; nil if nothing.
    package let custom: JSONObject?
    /// The path below the address of the targets, encoded for a URL. In a consistent snapshot the digest
    /// stands in front of the last part.
    package let urlPath: String

    init(path: ByteText, _ fields: Fields, consistentSnapshot: Bool) throws(TrustError) {
        guard !path.utf8.isEmpty, path.utf8.count <= MetadataLimit.targetPath else {
            throw TrustError(.malformed, fields.subject, "a target's path is empty or longer than \(MetadataLimit.targetPath) bytes")
        }
        self.path = path
        length = try fields.integer("length", in: 0...(1 << 50))
        digests = try FileDigests(fields.fields("hashes"))
        custom = fields.has("custom") ? try fields.fields("custom").object : nil
        let folder = path.utf8.lastIndex(of: UInt8(ascii: "/")).map { path.utf8[...$0] } ?? []
        let prefix = consistentSnapshot ? Array("\(digests.namePrefix).".utf8) : []
        urlPath = PercentEncoding.path(ByteText(validUTF8: Array(folder) + prefix + path.utf8.dropFirst(folder.count)))
    }

    /// The SHA-256 of the content, if metadata gives it.
    package var sha256: Digest? { digests.known[.sha256].flatMap { Digest(bytes: $0) } }

    /// §5.7.3: checks content that arrives in pieces.
    package func verification() -> TargetVerification { TargetVerification(self) }

    /// §5.7.3: throws unless content that is in memory as a whole is this target's.
    package func verify(_ content: [UInt8]) throws(TrustError) {
        var verification = verification()
        try unsafe content.span.bytes.withUnsafeBytes { bytes throws(TrustError) in unsafe try verification.update(bytes) }
        try verification.finish()
    }
}
