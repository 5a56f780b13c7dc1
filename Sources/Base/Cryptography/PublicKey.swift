internal import COpenSSL

/// A key that verifies signatures.
///
/// Two keys are equal when their *values* are: an RSA key's modulus and exponent, a curve's point. How the
/// text that they were read from was wrapped or named does not count, so that one key cannot pose as two.
package struct PublicKey: Hashable, Sendable {
    /// What the key is, which alone decides how its signatures are verified.
    package enum Kind: Hashable, Sendable {
        /// Ed25519 (RFC 8032).
        case ed25519
        /// ECDSA on the curve P-256 with SHA-256, signatures in DER (FIPS 186-4).
        case ecdsaP256
        /// RSASSA-PSS with SHA-256 and MGF1-SHA-256 (RFC 8017), any salt length.
        case rsaPSS
    }

    /// The smallest RSA modulus taken, in bits: shorter ones can be factored.
    package static let minimumRSABits = 2048
    /// The largest RSA modulus taken, in bits: it stops a key that makes each verification cost seconds.
    package static let maximumRSABits = 8192
    /// The largest key text read, in bytes: an RSA key of 8192 bits needs some 1500.
    package static let maximumTextByteCount = 16_384

    package let kind: Kind
    /// What makes the key this key, in one fixed form.
    private let value: [UInt8]
    private let handle: KeyHandle

    package static func == (left: PublicKey, right: PublicKey) -> Bool { left.kind == right.kind && left.value == right.value }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(kind)
        hasher.combine(value)
    }

    /// The Ed25519 key with these 32 bytes.
    package init(ed25519 bytes: [UInt8]) throws(CryptographyError) {
        guard bytes.count == 32 else { throw CryptographyError("an Ed25519 public key has 32 bytes, not \(bytes.count)") }
        ERR_clear_error()
        guard let handle = unsafe KeyHandle(owning: EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, bytes, bytes.count)) else {
            throw .openSSL("read an Ed25519 public key")
        }
        (kind, value, self.handle) = (.ed25519, bytes, handle)
    }

    /// The ECDSA or RSA key in a PEM text (`-----BEGIN PUBLIC KEY-----`). The kind that the caller expects must
    /// be the kind that the text holds.
    package init(pem text: [UInt8], as kind: Kind) throws(CryptographyError) {
        guard text.count <= PublicKey.maximumTextByteCount else {
            throw CryptographyError("a key of \(text.count) bytes is too long to be one")
        }
        ERR_clear_error()
        let buffer = MemoryBuffer(text)
        guard let handle = unsafe KeyHandle(owning: PEM_read_bio_PUBKEY(buffer.pointer, nil, { _, _, _, _ in -1 }, nil)) else {
            throw .openSSL("read a public key")
        }
        (self.kind, self.handle) = (kind, handle)
        value = try PublicKey.value(of: handle, as: kind)
    }

    /// The 32 bytes of an Ed25519 key; nil for the other kinds, which are exchanged as PEM.
    package var ed25519Bytes: [UInt8]? { kind == .ed25519 ? value : nil }

    /// Whether `signature` is this key's signature of `message`. Anything that is no signature at all is not.
    package func isValid(signature: [UInt8], of message: [UInt8]) -> Bool {
        ERR_clear_error()
        guard let context = unsafe EVP_MD_CTX_new() else { return false }
        defer {
            unsafe EVP_MD_CTX_free(context)
            ERR_clear_error()
        }
        var parameters: OpaquePointer?
        let digest = unsafe kind == .ed25519 ? nil : EVP_sha256()
        guard unsafe EVP_DigestVerifyInit(context, &parameters, digest, nil, handle.pointer) == 1 else { return false }
        if kind == .rsaPSS {
            guard unsafe EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1,
                unsafe EVP_PKEY_CTX_set_rsa_mgf1_md(parameters, EVP_sha256()) == 1,
                unsafe EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_AUTO) == 1
            else { return false }
        }
        return unsafe EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
    }

    private static func value(of handle: KeyHandle, as kind: Kind) throws(CryptographyError) -> [UInt8] {
        switch kind {
        case .ed25519:
            guard handle.identifier == EVP_PKEY_ED25519, let bytes = handle.rawPublicBytes else {
                throw CryptographyError("this is no Ed25519 key")
            }
            return bytes
        case .ecdsaP256:
            guard handle.identifier == EVP_PKEY_EC, handle.groupName == "prime256v1", let x = handle.number("qx"),
                let y = handle.number("qy")
            else { throw CryptographyError("this is no key on the curve P-256") }
            return [UInt8](repeating: 0, count: 32 - x.count) + x + [UInt8](repeating: 0, count: 32 - y.count) + y
        case .rsaPSS:
            guard handle.identifier == EVP_PKEY_RSA, let modulus = handle.number("n"), let exponent = handle.number("e")
            else { throw CryptographyError("this is no RSA key") }
            guard (minimumRSABits...maximumRSABits).contains(handle.bits) else {
                throw CryptographyError("an RSA key must have \(minimumRSABits) to \(maximumRSABits) bits, this one has \(handle.bits)")
            }
            return modulus + [0] + exponent
        }
    }
}
