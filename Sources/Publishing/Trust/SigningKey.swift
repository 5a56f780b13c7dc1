package import InstarCryptography
package import InstarTrust

/// A private key with the name that metadata knows it by.
package struct SigningKey: Sendable {
    package let privateKey: PrivateKey
    package let description: PublicKeyDescription

    package init(_ privateKey: PrivateKey) throws(CryptographyError) {
        self.privateKey = privateKey
        description = try PublicKeyDescription(privateKey.publicKey)
    }

    /// The identifier of the key in metadata.
    package var keyID: ByteText { description.keyID }
}

/// A public key as it stands in metadata.
package struct PublicKeyDescription: Hashable, Sendable {
    /// `{"keytype": …, "scheme": …, "keyval": {"public": …}}`
    package let json: JSON
    /// The SHA-256 of the canonical form, in hexadecimal (§4.2), as other TUF tools compute it too.
    package let keyID: ByteText

    /// Describes an Ed25519 key, the only kind that this publisher makes.
    package init(_ key: PublicKey) throws(CryptographyError) {
        guard let bytes = key.ed25519Bytes else { throw CryptographyError("only Ed25519 keys can be added as raw keys") }
        self.init(["keytype": "ed25519", "scheme": "ed25519", "keyval": ["public": JSON(bytes.hexadecimal)]])
    }

    /// Takes the text of a public key that somebody sent: PEM (Ed25519, P-256 or RSA) or the JSON of metadata.
    package init(text: [UInt8]) throws(CryptographyError) {
        if let key = try? PublicKey(pem: text, as: .ed25519) {
            try self.init(key)
        } else if (try? PublicKey(pem: text, as: .ecdsaP256)) != nil {
            self.init([
                "keytype": "ecdsa", "scheme": "ecdsa-sha2-nistp256", "keyval": ["public": JSON(String(decoding: text, as: UTF8.self))],
            ])
        } else if (try? PublicKey(pem: text, as: .rsaPSS)) != nil {
            self.init(["keytype": "rsa", "scheme": "rsassa-pss-sha256", "keyval": ["public": JSON(String(decoding: text, as: UTF8.self))]])
        } else if let json = try? JSONParser.parse(text), KeyDescription.isUsable(json) {
            self.init(json)
        } else {
            throw CryptographyError(
                "this is no public key that clients can verify with: give a PEM text (Ed25519, P-256, RSA of 2048 bits or more)")
        }
    }

    private init(_ json: JSON) {
        self.json = json
        keyID = ByteText(Digest(of: json.canonical).description)
    }
}
