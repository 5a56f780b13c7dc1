import InstarCryptography
import Testing

@Suite struct SignatureTests {
    /// RFC 8032, section 7.1, test 2.
    @Test func `Ed25519 signs and verifies as the standard's example does`() throws {
        let seed = try #require([UInt8](hexadecimal: "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"))
        let key = try PrivateKey(seed: seed)
        let signature = try key.signature(of: [0x72])
        #expect(key.publicKey.ed25519Bytes?.hexadecimal == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
        #expect(
            signature.hexadecimal
                == "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        )
        #expect(key.publicKey.isValid(signature: signature, of: [0x72]))
    }

    @Test func `a changed message, signature or key is not valid`() throws {
        let (key, other) = (try PrivateKey.generate(), try PrivateKey.generate())
        let signature = try key.signature(of: [1, 2, 3])
        #expect(!key.publicKey.isValid(signature: signature, of: [1, 2, 4]))
        #expect(!other.publicKey.isValid(signature: signature, of: [1, 2, 3]))
        for index in signature.indices {
            var broken = signature
            broken[index] ^= 1
            #expect(!key.publicKey.isValid(signature: broken, of: [1, 2, 3]), "bit 0 of byte \(index)")
        }
    }

    @Test func `what is no signature at all is not valid`() throws {
        let key = try PrivateKey.generate()
        for count in [0, 1, 63, 65, 1000] {
            #expect(!key.publicKey.isValid(signature: [UInt8](repeating: 7, count: count), of: []), "\(count) bytes")
        }
    }

    @Test func `an empty message can be signed`() throws {
        let key = try PrivateKey.generate()
        #expect(key.publicKey.isValid(signature: try key.signature(of: []), of: []))
    }

    @Test func `a key of the wrong length is refused`() {
        for count in [0, 31, 33] {
            #expect(throws: CryptographyError.self) { try PublicKey(ed25519: [UInt8](repeating: 1, count: count)) }
            #expect(throws: CryptographyError.self) { try PrivateKey(seed: [UInt8](repeating: 1, count: count)) }
        }
    }
}

@Suite struct PrivateKeyFileTests {
    @Test func `a key survives being written and read`() throws {
        let key = try PrivateKey.generate()
        let read = try PrivateKey(pem: key.pem(passphrase: nil), passphrase: nil)
        #expect(read.publicKey == key.publicKey)
        #expect(try read.signature(of: [1]) == key.signature(of: [1]))
    }

    @Test func `an encrypted key opens with its passphrase only`() throws {
        let key = try PrivateKey.generate()
        let pem = try key.pem(passphrase: Array("correct horse".utf8))
        #expect(String(decoding: pem, as: UTF8.self).hasPrefix("-----BEGIN ENCRYPTED PRIVATE KEY-----"))
        #expect(try PrivateKey(pem: pem, passphrase: Array("correct horse".utf8)).publicKey == key.publicKey)
        #expect(throws: CryptographyError("the passphrase does not open the private key")) {
            try PrivateKey(pem: pem, passphrase: Array("wrong horse".utf8))
        }
        #expect(throws: CryptographyError("the private key is encrypted: its passphrase is needed")) {
            try PrivateKey(pem: pem, passphrase: nil)
        }
    }

    @Test func `a passphrase that could not be typed again is refused`() throws {
        let key = try PrivateKey.generate()
        #expect(throws: CryptographyError.self) { try key.pem(passphrase: []) }
        #expect(throws: CryptographyError.self) { try key.pem(passphrase: [65, 0, 66]) }
    }

    @Test func `text that is no key, or too long to be one, is refused`() {
        #expect(throws: CryptographyError.self) { try PrivateKey(pem: Array("hello".utf8), passphrase: nil) }
        #expect(throws: CryptographyError.self) { try PrivateKey(pem: [UInt8](repeating: 65, count: 1_000_000), passphrase: nil) }
    }
}

@Suite struct FileHashTests {
    /// FIPS 180-4's example message.
    @Test(arguments: [
        (HashAlgorithm.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (.sha384, "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"),
        (
            .sha512,
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
        ),
    ]) func `each algorithm gives the standard's digest`(algorithm: HashAlgorithm, expected: String) {
        var hash = FileHash(algorithm)
        for byte in Array("abc".utf8) { [byte].withUnsafeBytes { hash.update($0) } }
        #expect(hash.finalize().hexadecimal == expected)
    }
}
