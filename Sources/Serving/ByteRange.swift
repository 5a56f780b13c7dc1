/// What a `Range` field asks of a representation of known size (RFC 9110 §14).
package enum ByteRange: Hashable, Sendable {
    /// No range, or one that a server may ignore: the whole representation is the answer.
    case whole
    /// These bytes; never empty.
    case part(Range<UInt64>)
    /// Nothing of what was asked for exists: 416.
    case unsatisfiable

    /// Reads `field` for a representation of `size` bytes. Several ranges in one request, and other units, count as
    /// no range at all, which the standard allows and clients of this server never need.
    package init(_ field: String?, size: UInt64) {
        guard let field, field.hasPrefix("bytes="), !field.contains(",") else {
            self = .whole
            return
        }
        let bounds = field.dropFirst(6).split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard bounds.count == 2 else {
            self = .whole
            return
        }
        switch (Self.number(bounds[0]), Self.number(bounds[1])) {
        case (let first?, let last?) where first <= last: self = Self.clamped(first, last, size)
        case (let first?, nil) where bounds[1].isEmpty: self = Self.clamped(first, .max, size)
        case (nil, let count?) where bounds[0].isEmpty:
            self = count == 0 || size == 0 ? .unsatisfiable : .part(size - min(size, count)..<size)
        default: self = .whole
        }
    }

    private static func clamped(_ first: UInt64, _ last: UInt64, _ size: UInt64) -> ByteRange {
        first >= size ? .unsatisfiable : .part(first..<min(last, size - 1) + 1)
    }

    /// Digits only: `UInt64.init` would also accept a sign.
    private static func number(_ text: Substring) -> UInt64? {
        text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ? UInt64(text) : nil
    }
}
