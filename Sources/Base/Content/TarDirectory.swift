/// The members of a tar archive, whose headers stand between them: what they are called, and where.
///
/// Follows POSIX.1-2017 `pax` (ustar headers and the extended header's path) and GNU tar's long names. All of it is what the archive
/// says of itself, and may be a lie.
package struct TarDirectory: Sendable {
    package struct Member: Hashable, Sendable {
        /// Bytes of some encoding.
        package var name: [UInt8]
        /// Where the member's first header is.
        package var header: UInt64
    }

    private static let block: UInt64 = 512
    /// Bytes of a name that stands in a block of its own; longer ones are cut off, being needed to compare names only.
    private static let longestName = 4096
    /// Members that are read at most: bounds memory.
    private static let mostMembers = 1 << 20

    /// In the order of the archive; those before the first header that is none.
    package private(set) var members: [Member] = []

    /// Nil for a file that does not begin with a header.
    package init?(size: UInt64, reading read: ZipDirectory.Reader) throws {
        var position: UInt64 = 0, first: UInt64 = 0
        var longName: [UInt8]?
        var block = [UInt8](repeating: 0, count: Int(Self.block))
        while position + Self.block <= size, members.count < Self.mostMembers {
            guard try unsafe block.withUnsafeMutableBytes({ unsafe try read($0, position) }) == block.count,
                let header = TarHeader(block)
            else { break }
            let content = position + Self.block
            guard header.size <= size - content else { break }
            if header.isName {
                longName = try unsafe Self.longName(header, at: content, read) ?? longName
            } else {
                members.append(Member(name: longName ?? header.name, header: first))
                longName = nil
            }
            position = content + (header.size + Self.block - 1) / Self.block * Self.block
            if !header.isName { first = position }
        }
        if members.isEmpty { return nil }
    }

    private static func longName(_ header: TarHeader, at offset: UInt64, _ read: ZipDirectory.Reader) throws -> [UInt8]? {
        var content = [UInt8](repeating: 0, count: Int(min(header.size, UInt64(longestName))))
        let count = try unsafe content.withUnsafeMutableBytes { unsafe try read($0, offset) }
        let bytes = content[..<count]
        return header.kind == UInt8(ascii: "L") ? Array(bytes.prefix { $0 != 0 }) : path(inRecords: bytes)
    }

    /// The value of `path` among records of the form "length key=value\n".
    private static func path(inRecords bytes: ArraySlice<UInt8>) -> [UInt8]? {
        for record in bytes.split(separator: UInt8(ascii: "\n")) {
            let field = record.drop { $0 != UInt8(ascii: " ") }.dropFirst()
            if field.starts(with: Array("path=".utf8)) { return Array(field.dropFirst(5)) }
        }
        return nil
    }
}

/// One header of a tar archive.
private struct TarHeader {
    var name: [UInt8]
    /// Bytes of what follows.
    var size: UInt64
    var kind: UInt8

    /// Nil where the block's checksum is not that of its bytes.
    init?(_ block: [UInt8]) {
        let sum = block.enumerated().reduce(UInt64(0)) { $0 + UInt64((148..<156).contains($1.offset) ? UInt8(ascii: " ") : $1.element) }
        guard let stated = Self.octal(block[148..<156]), stated == sum, let size = Self.number(block[124..<136]) else { return nil }
        (self.size, kind) = (size, block[156])
        let isPOSIX = block[257..<263].elementsEqual(Array("ustar\0".utf8))
        let prefix = isPOSIX ? Array(block[345..<500].prefix { $0 != 0 }) : []
        let last = block[..<100].prefix { $0 != 0 }
        name = prefix.isEmpty ? Array(last) : prefix + [UInt8(ascii: "/")] + last
    }

    /// Whether it only names the member that comes next, in GNU's way or in POSIX's.
    var isName: Bool { kind == UInt8(ascii: "L") || kind == UInt8(ascii: "x") }

    /// Octal digits, or GNU's big-endian number where the first bit is set.
    private static func number(_ field: ArraySlice<UInt8>) -> UInt64? {
        guard let first = field.first, first & 0x80 != 0 else { return octal(field) }
        return field.suffix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    private static func octal(_ field: ArraySlice<UInt8>) -> UInt64? {
        let digits = field.drop { $0 == UInt8(ascii: " ") }.prefix { (UInt8(ascii: "0")...UInt8(ascii: "7")).contains($0) }
        return digits.isEmpty ? nil : digits.reduce(0) { $0 << 3 | UInt64($1 & 7) }
    }
}
