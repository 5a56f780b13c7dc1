import InstarCryptography
import InstarDisk
import SystemPackage
import TestSupport
import Testing

@Suite struct PublicKeyTests {
    let message = Array("Instar signs updates".utf8)

    func fixture(_ name: String) throws -> [UInt8] {
        try DurableFile.read(Products.packageFolder.appending("Fixtures/keys").appending(name), limit: 10_000)
    }

    func signature(_ name: String) throws -> [UInt8] {
        let text = String(decoding: try fixture(name), as: UTF8.self).filter { !$0.isWhitespace }
        return try #require([UInt8](hexadecimal: text))
    }

    @Test func `P-256 signatures verify`() throws {
        let key = try PublicKey(pem: fixture("p256.pem"), as: .ecdsaP256)
        var signature = try signature("p256.sig")
        #expect(key.isValid(signature: signature, of: message))
        #expect(!key.isValid(signature: signature, of: message + [0]))
        #expect(!key.isValid(signature: signature + [0], of: message))
        signature[signature.count - 1] ^= 1
        #expect(!key.isValid(signature: signature, of: message))
    }

    @Test(arguments: ["rsa-pss-32.sig", "rsa-pss-max.sig"]) func `RSA-PSS signatures verify with any salt length`(name: String) throws {
        let key = try PublicKey(pem: fixture("rsa2048.pem"), as: .rsaPSS)
        var signature = try signature(name)
        #expect(key.isValid(signature: signature, of: message))
        signature[0] ^= 1
        #expect(!key.isValid(signature: signature, of: message))
    }

    @Test(arguments: ["rsa-pkcs1.sig", "rsa-pss-sha512.sig"]) func `signatures of other RSA schemes do not`(name: String) throws {
        let key = try PublicKey(pem: fixture("rsa2048.pem"), as: .rsaPSS)
        #expect(!key.isValid(signature: try signature(name), of: message))
    }

    @Test func `one point is one key, however it is written`() throws {
        let (plain, compressed) = (
            try PublicKey(pem: fixture("p256.pem"), as: .ecdsaP256), try PublicKey(pem: fixture("p256-compressed.pem"), as: .ecdsaP256)
        )
        #expect(plain == compressed)
        #expect(Set([plain, compressed]).count == 1)
        let crlf = String(decoding: try fixture("p256.pem"), as: UTF8.self).replacing("\n", with: "\r\n")
        #expect(try PublicKey(pem: Array(crlf.utf8), as: .ecdsaP256) == plain)
    }

    @Test(arguments: [
        ("p256.pem", PublicKey.Kind.rsaPSS), ("rsa2048.pem", .ecdsaP256), ("p384.pem", .ecdsaP256), ("rsa1024.pem", .rsaPSS),
        ("rsapss-restricted.pem", .rsaPSS), ("p256.pem", .ed25519), ("p256.sig", .ecdsaP256),
    ]) func `a key of another kind or strength is refused`(name: String, kind: PublicKey.Kind) {
        #expect(throws: CryptographyError.self) { try PublicKey(pem: try fixture(name), as: kind) }
    }

    @Test func `a text that is far too long is not read`() {
        #expect(throws: CryptographyError.self) { try PublicKey(pem: [UInt8](repeating: 65, count: 1 << 20), as: .rsaPSS) }
    }
}
