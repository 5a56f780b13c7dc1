internal import InstarCryptography

/// A role's file as it was received, taken apart and not yet verified: what is signed, the exact bytes that
/// signatures are over, and the signatures.
package struct SignedMetadata: Sendable {
    /// What kind of role a file says it is (`_type`).
    package enum Kind: String, Sendable {
        case root, timestamp, snapshot, targets

        /// The size limit of the kind, in bytes.
        package var limit: Int {
            switch self {
            case .root: MetadataLimit.root
            case .timestamp: MetadataLimit.timestamp
            case .snapshot: MetadataLimit.snapshot
            case .targets: MetadataLimit.targets
            }
        }
    }

    package struct Signature: Sendable {
        package let keyID: ByteText
        /// The decoded signature; empty where the text was not hexadecimal, which no key verifies.
        package let bytes: [UInt8]
    }

    /// The role's name, for messages and for looking up its keys.
    package let role: ByteText
    /// The file as received, byte for byte: what is stored.
    package let bytes: [UInt8]
    package let signed: JSONObject
    package let payload: [UInt8]
    package let signatures: [Signature]
    package let version: Int64
    package let expires: UTCTime

    /// The first version of every role; the range keeps version arithmetic from overflowing.
    package static let versions: ClosedRange<Int64> = 1...(.max - 1)

    /// Takes a file apart. It must be of the kind that was asked for: a key that may sign snapshots must not
    /// be able to make timestamps.
    package init(parsing bytes: [UInt8], as kind: Kind, role: ByteText) throws(TrustError) {
        guard bytes.count <= kind.limit else { throw TrustError(.tooLarge, role, "it is longer than \(kind.limit) bytes") }
        let document: JSON
        do throws(JSONError) { document = try JSONParser.parse(bytes) } catch {
            throw TrustError(.malformed, role, "it cannot be read: \(error)")
        }
        let fields = try Fields(document, of: role, at: "metadata")
        let signed = try fields.fields("signed")
        let type = try signed.string("_type")
        guard type == ByteText(kind.rawValue) else {
            throw TrustError(.malformed, role, "it says that it is a \(type.printable), not a \(kind.rawValue)")
        }
        // §4.3: the major version says whether an older client understands the format; 1.x is this one.
        let specification = try signed.string("spec_version")
        let parts = specification.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count), parts[0].elementsEqual("1".utf8), parts.allSatisfy(SignedMetadata.isNumber) else {
            throw TrustError(
                .malformed, role, "it follows specification \(specification.printable), and this client knows 1.0; update the game's client"
            )
        }
        guard let expires = UTCTime(try signed.string("expires").utf8) else {
            throw TrustError(.malformed, role, "its expiry is no date of the form YYYY-MM-DDTHH:MM:SSZ")
        }
        (self.role, self.bytes, self.signed, self.expires) = (role, bytes, signed.object, expires)
        version = try signed.integer("version", in: SignedMetadata.versions)
        payload = JSON.object(signed.object).canonical
        signatures = try SignedMetadata.signatures(in: fields)
    }

    private static func isNumber(_ digits: some Collection<UInt8>) -> Bool {
        !digits.isEmpty && digits.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    /// §4.2: each key signs once. A text that is no signature only fails to count, since any number of other
    /// keys may have signed well.
    private static func signatures(in fields: Fields) throws(TrustError) -> [Signature] {
        var signatures: [Signature] = []
        var seen: Set<ByteText> = []
        for element in try fields.array("signatures") {
            let signature = try Fields(element, of: fields.subject, at: "metadata.signatures")
            let keyID = try signature.string("keyid")
            guard seen.insert(keyID).inserted else {
                throw TrustError(.malformed, fields.subject, "key \(keyID.printable) signed it twice")
            }
            let text = try signature.string("sig").description
            signatures.append(Signature(keyID: keyID, bytes: [UInt8](hexadecimal: text) ?? []))
        }
        return signatures
    }
}
