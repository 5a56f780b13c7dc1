internal import COpenSSL

/// Owns one OpenSSL key.
///
/// `@unchecked Sendable`: the key is never changed after it was made and OpenSSL guards what it caches inside it
/// with its own locks; its manual promises concurrent use of a constant EVP_PKEY.
@safe final class KeyHandle: @unchecked Sendable {
    let pointer: OpaquePointer

    /// Takes over a key that the caller made; nil if OpenSSL made none.
    init?(owning pointer: OpaquePointer?) {
        guard let pointer = unsafe pointer else { return nil }
        unsafe self.pointer = pointer
    }

    deinit {
        unsafe EVP_PKEY_free(pointer)
    }

    /// OpenSSL's number for the kind of key (`EVP_PKEY_RSA`, …).
    var identifier: Int32 { unsafe EVP_PKEY_get_base_id(pointer) }

    /// The size of the key: for RSA the bits of the modulus.
    var bits: Int { Int(unsafe EVP_PKEY_get_bits(pointer)) }

    /// The raw public bytes of a key that has such a form (Ed25519).
    var rawPublicBytes: [UInt8]? {
        var length = 0
        guard unsafe EVP_PKEY_get_raw_public_key(pointer, nil, &length) == 1 else { return nil }
        var bytes = [UInt8](repeating: 0, count: length)
        guard unsafe EVP_PKEY_get_raw_public_key(pointer, &bytes, &length) == 1 else { return nil }
        return bytes
    }

    /// A number in the key, big-endian without leading zeros: `n` and `e` of RSA, `qx` and `qy` of a curve point.
    func number(_ name: String) -> [UInt8]? {
        var number: OpaquePointer?
        guard unsafe EVP_PKEY_get_bn_param(pointer, name, &number) == 1 else { return nil }
        defer { unsafe BN_free(number) }
        var bytes = [UInt8](repeating: 0, count: Int(unsafe BN_num_bits(number) + 7) / 8)
        _ = unsafe BN_bn2bin(number, &bytes)
        return bytes
    }

    /// The name of the group of an elliptic-curve key, such as `prime256v1`.
    var groupName: String? {
        var name = [CChar](repeating: 0, count: 64)
        var length = 0
        guard unsafe EVP_PKEY_get_group_name(pointer, &name, name.count, &length) == 1 else { return nil }
        return String(decoding: name.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
