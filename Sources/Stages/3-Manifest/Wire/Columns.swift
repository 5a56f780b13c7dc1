internal import InstarCryptography
internal import SwiftProtobuf
#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

extension SwiftProtobuf.Message {
    /// The serialized message.
    var bytes: [UInt8] {
        do { return try serializedBytes() } catch {
            // Only required fields, unset, or two gigabytes can fail, and the schema has neither.
            preconditionFailure("a message of the manifest schema did not serialize: \(error)")
        }
    }
}

extension [UInt8] {
    var asData: Data { Data(self) }
}

/// The sizes of several columns that must agree.
func requireCount(_ count: Int, _ expected: Int, _ column: StaticString) throws(ManifestError) {
    guard count == expected else { throw .damaged("a page has \(count) \(column), and \(expected) belong there") }
}

extension Data {
    /// Digests that stand one after the other.
    func digests(_ column: StaticString) throws(ManifestError) -> [Digest] {
        guard count % Digest.byteCount == 0 else { throw .damaged("a page has a cut digest among its \(column)") }
        return unsafe withUnsafeBytes { bytes in
            stride(from: 0, to: bytes.count, by: Digest.byteCount).map { unsafe Digest(loading: bytes, at: $0) }
        }
    }

    init(_ digests: [Digest]) {
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: digests.count * Digest.byteCount) { buffer, count in
            for (index, digest) in digests.enumerated() {
                unsafe digest.store(into: UnsafeMutableRawBufferPointer(buffer), at: index * Digest.byteCount)
            }
            count = digests.count * Digest.byteCount
        }
        self.init(bytes)
    }
}
