internal import COpenSSL

/// The hash functions that signed metadata may name a file's content by. Broken ones (MD5, SHA-1) are not
/// among them, so that no file is ever taken on their word.
package enum HashAlgorithm: String, CaseIterable, Sendable {
    case sha256
    case sha384
    case sha512

    /// The bytes of a digest.
    package var byteCount: Int {
        switch self {
        case .sha256: 32
        case .sha384: 48
        case .sha512: 64
        }
    }

    fileprivate var method: OpaquePointer? {
        switch self {
        case .sha256: unsafe EVP_sha256()
        case .sha384: unsafe EVP_sha384()
        case .sha512: unsafe EVP_sha512()
        }
    }
}

/// An incremental digest of content of any length, by any of the algorithms.
@safe package struct FileHash: ~Copyable {
    package let algorithm: HashAlgorithm
    private let context: OpaquePointer

    package init(_ algorithm: HashAlgorithm) {
        self.algorithm = algorithm
        guard let context = unsafe EVP_MD_CTX_new(), unsafe EVP_DigestInit_ex(context, algorithm.method, nil) == 1 else {
            // Every OpenSSL that this links has them; what is left is a process without memory, which has nothing to fall back to.
            preconditionFailure("OpenSSL has no \(algorithm.rawValue)")
        }
        unsafe self.context = context
    }

    deinit {
        unsafe EVP_MD_CTX_free(context)
    }

    /// Adds bytes to the content.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        let status = unsafe EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
        precondition(status == 1, "OpenSSL refused digest input")
    }

    /// The digest of all content; the hash is used up.
    package consuming func finalize() -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: algorithm.byteCount)
        let status = unsafe EVP_DigestFinal_ex(context, &digest, nil)
        precondition(status == 1, "OpenSSL did not finish a digest")
        return digest
    }
}
