/// Text that is compared byte by byte.
///
/// Swift's `String` takes two spellings of `é` for equal; a signature does not. Every name in signed metadata
/// (keys of objects, roles, key identifiers, target paths) is therefore kept as its UTF-8 bytes.
package struct ByteText: Hashable, Comparable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral {
    /// The text in valid UTF-8.
    package let utf8: [UInt8]

    /// Takes bytes that the caller knows to be valid UTF-8.
    init(validUTF8 bytes: [UInt8]) {
        utf8 = bytes
    }

    package init(_ string: some StringProtocol) {
        utf8 = Array(string.utf8)
    }

    package init(stringLiteral value: String) {
        utf8 = Array(value.utf8)
    }

    /// The text for people.
    package var description: String { String(decoding: utf8, as: UTF8.self) }

    package static func < (left: ByteText, right: ByteText) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }
}
