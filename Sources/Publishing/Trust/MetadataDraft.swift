internal import InstarCryptography
package import InstarTrust

/// The signed part of a role while it is being changed. Whatever fields it does not know stay as they are.
package struct MetadataDraft: Sendable {
    package let kind: SignedMetadata.Kind
    package var signed: JSONObject

    /// The version of the specification that the metadata follows.
    static let specification = "1.0.33"
    /// A custom field beside the standard ones: for how many days the role is signed each time.
    static let lifetimeField: ByteText = "x-instar-lifetime-days"

    /// A role in its first version.
    package init(new kind: SignedMetadata.Kind, lifetime: Int, _ fields: JSONObject) {
        self.kind = kind
        signed = fields
        signed["_type"] = JSON(kind.rawValue)
        signed["spec_version"] = JSON(MetadataDraft.specification)
        signed["version"] = 0
        signed[MetadataDraft.lifetimeField] = .integer(Int64(lifetime))
    }

    /// A role as it was published.
    package init(_ kind: SignedMetadata.Kind, _ metadata: SignedMetadata) {
        (self.kind, signed) = (kind, metadata.signed)
    }

    package var version: Int64 {
        get { if case .integer(let version)? = signed["version"] { version } else { 0 } }
        set { signed["version"] = .integer(newValue) }
    }

    /// For how many days the role is signed each time.
    package var lifetime: Int {
        get {
            guard case .integer(let days)? = signed[MetadataDraft.lifetimeField], (1...Int64(Lifetimes.longest)).contains(days) else {
                return Lifetimes.standard[kind]
            }
            return Int(days)
        }
        set { signed[MetadataDraft.lifetimeField] = .integer(Int64(newValue)) }
    }

    /// Makes it the next version, which holds from `now` for its lifetime.
    package mutating func advance(now: UTCTime, beyond published: Int64? = nil) {
        version = max(version, published ?? 0) + 1
        signed["expires"] = JSON(now.advanced(days: lifetime).description)
    }

    /// The object under a name, empty if there is none.
    package subscript(object name: ByteText) -> JSONObject {
        get { if case .object(let object)? = signed[name] { object } else { JSONObject() } }
        set { signed[name] = .object(newValue) }
    }

    /// The file with a signature of each key, the same bytes for the same keys and content every time.
    package func signed(with keys: [SigningKey]) throws(TrustPublishingError) -> [UInt8] {
        try SignedFile(payload: signed).adding(keys).bytes
    }
}

/// A file of metadata with the signatures that it has so far.
struct SignedFile {
    let payload: JSONObject
    /// Signatures in hexadecimal by key identifier, in the identifiers' order.
    private(set) var signatures: JSONObject = JSONObject()

    init(payload: JSONObject) {
        self.payload = payload
    }

    /// Takes apart a file that may lack signatures.
    init(_ metadata: SignedMetadata) {
        payload = metadata.signed
        for signature in metadata.signatures { signatures[signature.keyID] = JSON(signature.bytes.hexadecimal) }
    }

    func adding(_ keys: [SigningKey]) throws(TrustPublishingError) -> SignedFile {
        var file = self
        let message = JSON.object(payload).canonical
        for key in keys {
            do throws(CryptographyError) {
                file.signatures[key.keyID] = JSON(try key.privateKey.signature(of: message).hexadecimal)
            } catch {
                throw .badKey(file: key.keyID.description, reason: error.description)
            }
        }
        return file
    }

    /// The file as a reader sees it.
    func metadata() throws(TrustPublishingError) -> SignedMetadata {
        do throws(TrustError) { return try SignedMetadata(parsing: bytes, as: .root, role: "root") } catch { throw .damaged(error) }
    }

    var bytes: [UInt8] {
        let list = signatures.members.map { JSON.object(["keyid": .string($0.key), "sig": $0.value]) }
        return JSON.object(["signatures": .array(list), "signed": .object(payload)]).document + [UInt8(ascii: "\n")]
    }
}
