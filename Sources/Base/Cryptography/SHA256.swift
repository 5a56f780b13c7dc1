internal import COpenSSL

/// An incremental SHA-256 over content of any length.
///
///     var hash = SHA256()
///     hash.update(bytes)
///     let digest = hash.finalize()
@safe package struct SHA256: ~Copyable {
    private let context: OpaquePointer

    package init() {
        // Only a process without memory fails here, and it has nothing to fall back to.
        guard let context = unsafe EVP_MD_CTX_new() else { preconditionFailure("OpenSSL has no memory for a digest context") }
        unsafe self.context = context
        unsafe start(EVP_sha256())
    }

    deinit {
        unsafe EVP_MD_CTX_free(context)
    }

    /// Adds bytes to the content.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        let status = unsafe EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
        precondition(status == 1, "OpenSSL refused digest input")
    }

    /// Adds bytes to the content.
    package mutating func update(_ bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { unsafe update($0) }
    }

    /// The digest of all content so far; the hash is then empty and can be used again.
    package mutating func finalize() -> Digest {
        let digest = unsafe withUnsafeTemporaryAllocation(byteCount: Digest.byteCount, alignment: 8) { output in
            let status = unsafe EVP_DigestFinal_ex(context, output.baseAddress, nil)
            precondition(status == 1, "OpenSSL did not finish a digest")
            return unsafe Digest(loading: UnsafeRawBufferPointer(output), at: 0)
        }
        // Without a method it is the one of before, which OpenSSL then need not look up again: half the cost of a small digest.
        unsafe start(nil)
        return digest
    }

    private func start(_ method: OpaquePointer?) {
        let status = unsafe EVP_DigestInit_ex(context, method, nil)
        precondition(status == 1, "OpenSSL has no SHA-256")
    }
}

extension Digest {
    /// The digest of content that is in memory as a whole.
    package init(of bytes: UnsafeRawBufferPointer) {
        var hash = SHA256()
        unsafe hash.update(bytes)
        self = hash.finalize()
    }

    /// The digest of content that is in memory as a whole.
    package init(of bytes: [UInt8]) {
        self = unsafe bytes.withUnsafeBytes { unsafe Digest(of: $0) }
    }
}
