package import InstarCryptography

/// A key as metadata describes it.
package struct KeyDescription: Hashable, Sendable {
    package let type: ByteText
    package let scheme: ByteText
    /// `keyval.public`; empty where there is none.
    package let value: ByteText

    init(_ fields: Fields) throws(TrustError) {
        type = try fields.string("keytype")
        scheme = try fields.string("scheme")
        // A key of a type from the future may have a value of another shape: it is not usable, and no error.
        if case .object(let values)? = fields.object["keyval"], case .string(let text)? = values["public"] {
            value = text
        } else {
            value = ""
        }
    }

    /// The key, if this client can verify with it: its type and its scheme must belong together, and its
    /// value must be of that type. Any other key is skipped, as if it had not signed.
    package var publicKey: PublicKey? {
        switch (type, scheme) {
        case ("ed25519", "ed25519"):
            return [UInt8](hexadecimal: value.description).flatMap { try? PublicKey(ed25519: $0) }
        case ("ecdsa", "ecdsa-sha2-nistp256"), ("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256"):
            return try? PublicKey(pem: value.utf8, as: .ecdsaP256)
        case ("rsa", "rsassa-pss-sha256"):
            return try? PublicKey(pem: value.utf8, as: .rsaPSS)
        default:
            return nil
        }
    }
}

/// Who may sign a role, and how many of them must: one edge of the graph of delegations.
package struct RoleKeys: Hashable, Sendable {
    /// The identifiers, each once.
    package let keyIDs: [ByteText]
    /// How many different keys must sign; at least 1.
    package let threshold: Int
    /// The keys by identifier. An identifier without a key is allowed and never counts.
    package let keys: [ByteText: KeyDescription]

    init(_ fields: Fields, keys: [ByteText: KeyDescription]) throws(TrustError) {
        keyIDs = try fields.strings("keyids")
        guard Set(keyIDs).count == keyIDs.count else { throw fields.error("keyids", "lists a key twice") }
        threshold = Int(try fields.integer("threshold", in: 1...1_000_000))
        var own: [ByteText: KeyDescription] = [:]
        for keyID in keyIDs { own[keyID] = keys[keyID] }
        self.keys = own
    }

    /// The keys that can verify, by value: a key under two names is one key.
    package var publicKeys: Set<PublicKey> { Set(keys.values.compactMap(\.publicKey)) }

    /// Throws unless at least `threshold` different keys signed. Keys are counted by their value, so neither
    /// two names for one key nor two signatures of it count twice.
    package func verify(_ metadata: SignedMetadata) throws(TrustError) {
        let count = signers(of: metadata, stopAt: threshold).count
        guard count >= threshold else {
            throw TrustError(.unsigned, metadata.role, "\(count) of its \(keyIDs.count) keys signed it, and \(threshold) must")
        }
    }

    /// The keys of this role whose signature on `metadata` is valid; as soon as there are `limit`, no more are tried.
    package func signers(of metadata: SignedMetadata, stopAt limit: Int = .max) -> Set<PublicKey> {
        var valid: Set<PublicKey> = []
        for signature in metadata.signatures {
            guard valid.count < limit else { break }
            guard let key = keys[signature.keyID]?.publicKey, !valid.contains(key) else { continue }
            if key.isValid(signature: signature.bytes, of: metadata.payload) { valid.insert(key) }
        }
        return valid
    }
}

extension Fields {
    /// The table of keys in this object.
    func keyTable(_ name: ByteText) throws(TrustError) -> [ByteText: KeyDescription] {
        var keys: [ByteText: KeyDescription] = [:]
        for member in try fields(name).object.members {
            keys[member.key] = try KeyDescription(Fields(member.value, of: subject, at: "\(place).\(name).\(member.key.printable)"))
        }
        return keys
    }
}

extension KeyDescription {
    /// Whether a value is the description of a key that this client can verify with.
    package static func isUsable(_ json: JSON) -> Bool {
        guard let fields = try? Fields(json, of: "key", at: "key"), let description = try? KeyDescription(fields) else { return false }
        return description.publicKey != nil
    }
}
