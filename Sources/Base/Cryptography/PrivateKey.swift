internal import COpenSSL

/// An Ed25519 key that signs (RFC 8032). It has no description and is in no log: its only way out is
/// `pem(passphrase:)`.
package struct PrivateKey: Sendable {
    private let handle: KeyHandle
    /// The half of the key that others verify with.
    package let publicKey: PublicKey

    /// A new key from the system's random numbers.
    package static func generate() throws(CryptographyError) -> PrivateKey {
        var seed = [UInt8](repeating: 0, count: 32)
        guard unsafe RAND_priv_bytes(&seed, 32) == 1 else { throw .openSSL("draw random numbers") }
        defer { unsafe seed.withUnsafeMutableBytes { unsafe OPENSSL_cleanse($0.baseAddress, $0.count) } }
        return try PrivateKey(seed: seed)
    }

    /// The key that belongs to 32 secret bytes: the same seed always makes the same key.
    package init(seed: [UInt8]) throws(CryptographyError) {
        guard seed.count == 32 else { throw CryptographyError("an Ed25519 seed has 32 bytes, not \(seed.count)") }
        ERR_clear_error()
        guard let handle = unsafe KeyHandle(owning: EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, seed, seed.count)) else {
            throw .openSSL("make an Ed25519 key")
        }
        try self.init(handle: handle)
    }

    /// Reads a PKCS#8 text, which may be encrypted; a passphrase given for one that is not encrypted is not used.
    package init(pem text: [UInt8], passphrase: [UInt8]?) throws(CryptographyError) {
        guard text.count <= PublicKey.maximumTextByteCount else {
            throw CryptographyError("a key of \(text.count) bytes is too long to be one")
        }
        let encrypted = String(decoding: text, as: UTF8.self).contains("ENCRYPTED")
        guard !encrypted || passphrase != nil else { throw CryptographyError("the private key is encrypted: its passphrase is needed") }
        ERR_clear_error()
        let buffer = MemoryBuffer(text)
        // OpenSSL asks this callback for the passphrase; without it, it would ask the terminal.
        let secret = (passphrase ?? []) + [0]
        let key = unsafe secret.withUnsafeBytes { secret in
            unsafe PEM_read_bio_PrivateKey(
                buffer.pointer, nil,
                { output, capacity, _, secret in
                    guard let output = unsafe output, let secret = unsafe secret?.assumingMemoryBound(to: CChar.self) else { return -1 }
                    let length = unsafe strlen(secret)
                    guard length <= Int(capacity) else { return -1 }
                    unsafe output.update(from: secret, count: length)
                    return Int32(length)
                }, UnsafeMutableRawPointer(mutating: secret.baseAddress))
        }
        guard let handle = unsafe KeyHandle(owning: key) else {
            ERR_clear_error()
            throw CryptographyError(encrypted ? "the passphrase does not open the private key" : "the text holds no private key")
        }
        try self.init(handle: handle)
    }

    private init(handle: KeyHandle) throws(CryptographyError) {
        guard handle.identifier == EVP_PKEY_ED25519, let bytes = handle.rawPublicBytes else {
            throw CryptographyError("Instar signs with Ed25519 keys, and this is none")
        }
        self.handle = handle
        publicKey = try PublicKey(ed25519: bytes)
    }

    /// The 64-byte signature of `message`; the same message always gets the same signature.
    package func signature(of message: [UInt8]) throws(CryptographyError) -> [UInt8] {
        ERR_clear_error()
        guard let context = unsafe EVP_MD_CTX_new() else { throw .openSSL("sign") }
        defer { unsafe EVP_MD_CTX_free(context) }
        guard unsafe EVP_DigestSignInit(context, nil, nil, nil, handle.pointer) == 1 else { throw .openSSL("sign") }
        var signature = [UInt8](repeating: 0, count: 64)
        var length = signature.count
        guard unsafe EVP_DigestSign(context, &signature, &length, message, message.count) == 1, length == 64 else { throw .openSSL("sign") }
        return signature
    }

    /// The key as PKCS#8 text. With a passphrase it is encrypted with AES-256 under a key that scrypt
    /// (RFC 7914) derives, at a cost of 16 MB and 8 rounds for each guess; `openssl pkey` reads it too.
    package func pem(passphrase: [UInt8]?) throws(CryptographyError) -> [UInt8] {
        ERR_clear_error()
        let buffer = MemoryBuffer()
        guard let plain = unsafe EVP_PKEY2PKCS8(handle.pointer) else { throw .openSSL("write a private key") }
        defer { unsafe PKCS8_PRIV_KEY_INFO_free(plain) }
        guard let passphrase else {
            guard unsafe PEM_write_bio_PKCS8_PRIV_KEY_INFO(buffer.pointer, plain) == 1 else { throw .openSSL("write a private key") }
            return buffer.read()
        }
        guard !passphrase.isEmpty, !passphrase.contains(0) else {
            throw CryptographyError("a passphrase must not be empty or hold a zero byte")
        }
        var salt = [UInt8](repeating: 0, count: 16)
        guard unsafe RAND_bytes(&salt, 16) == 1,
            let method = unsafe PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), salt, Int32(salt.count), nil, 1 << 14, 8, 8)
        else { throw .openSSL("prepare the encryption of a private key") }
        let encrypted = unsafe passphrase.withUnsafeBytes { bytes in
            unsafe PKCS8_set0_pbe(bytes.assumingMemoryBound(to: CChar.self).baseAddress, Int32(bytes.count), plain, method)
        }
        guard let encrypted = unsafe encrypted else {
            unsafe X509_ALGOR_free(method)
            throw .openSSL("encrypt a private key")
        }
        defer { unsafe X509_SIG_free(encrypted) }
        guard unsafe PEM_write_bio_PKCS8(buffer.pointer, encrypted) == 1 else { throw .openSSL("write a private key") }
        return buffer.read()
    }
}
