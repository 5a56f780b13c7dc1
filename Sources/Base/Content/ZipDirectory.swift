/// The central directory of a zip archive: what members it has, and where.
///
/// Follows APPNOTE.TXT 6.3.10, zip64 included. All of it is what the archive says of itself, and may be a lie.
package struct ZipDirectory: Sendable {
    /// Reads up to the buffer's size from an offset of the file; says how many bytes.
    package typealias Reader = (UnsafeMutableRawBufferPointer, UInt64) throws -> Int

    /// One member as the directory describes it.
    package struct Member: Hashable, Sendable {
        /// Bytes of some encoding.
        package var name: ArraySlice<UInt8>
        package var flags: UInt16
        /// 0 stored, 8 deflated.
        package var method: UInt16
        package var compressedSize: UInt64
        package var plainSize: UInt64
        /// Where the member's own header is.
        package var header: UInt64
    }

    /// Bytes of the directory that are read at most: some 200,000 members. Bounds memory.
    private static let maximumSize: UInt64 = 32 << 20
    /// Bytes of a member's own header, without name and extra field.
    private static let headerSize: UInt64 = 30

    /// Where it begins.
    package let offset: UInt64
    /// In the directory's own order.
    package let members: [Member]
    private let fileSize: UInt64

    /// Nil for a file that is no archive, or whose directory is not where it should be.
    package init?(size: UInt64, reading read: Reader) throws {
        // The smallest archive with a member.
        guard size >= 98, try unsafe ZipDirectory.bytes(at: 0, count: 4, read).number(at: 0, bytes: 4) == 0x0403_4B50 else { return nil }
        guard let place = try unsafe ZipDirectory.place(fileSize: size, read), place.size <= ZipDirectory.maximumSize else { return nil }
        guard place.offset <= size, place.size <= size - place.offset else { return nil }
        let bytes = try unsafe ZipDirectory.bytes(at: place.offset, count: Int(place.size), read)
        var members: [Member] = []
        var position = 0
        while position + 46 <= bytes.count, bytes.number(at: position, bytes: 4) == 0x0201_4B50 {
            let length = ZipDirectory.length(bytes, at: position)
            guard position + length <= bytes.count else { return nil }
            let member = Member(bytes, at: position)
            guard member.header <= size - ZipDirectory.headerSize else { return nil }
            members.append(member)
            position += length
        }
        (offset, fileSize, self.members) = (place.offset, size, members)
    }

    /// Where the content of a member lies; nil where its own header is none, or the content would reach into the directory.
    package func content(of member: Member, reading read: Reader) throws -> Range<UInt64>? {
        let header = try unsafe ZipDirectory.bytes(at: member.header, count: Int(ZipDirectory.headerSize), read)
        guard header.number(at: 0, bytes: 4) == 0x0403_4B50 else { return nil }
        let begin = member.header + ZipDirectory.headerSize + header.number(at: 26, bytes: 2) + header.number(at: 28, bytes: 2)
        let (end, overflow) = begin.addingReportingOverflow(member.compressedSize)
        guard !overflow, end <= offset else { return nil }
        return begin..<end
    }

    /// Bytes of the description of a member.
    private static func length(_ bytes: [UInt8], at position: Int) -> Int {
        46 + [28, 30, 32].reduce(0) { $0 + Int(bytes.number(at: position + $1, bytes: 2)) }
    }

    /// Where the directory is: named by the end record, which stands before a comment of at most 64 KB.
    private static func place(fileSize size: UInt64, _ read: Reader) throws -> (offset: UInt64, size: UInt64)? {
        let begin = size - min(size, 22 + 0xFFFF)
        let tail = try unsafe bytes(at: begin, count: Int(size - begin), read)
        guard let end = (0...max(0, tail.count - 22)).last(where: { tail.number(at: $0, bytes: 4) == 0x0605_4B50 }), end + 22 <= tail.count
        else {
            return nil
        }
        let narrow = (offset: tail.number(at: end + 16, bytes: 4), size: tail.number(at: end + 12, bytes: 4))
        guard narrow.offset == 0xFFFF_FFFF || narrow.size == 0xFFFF_FFFF else { return narrow }
        guard end >= 20, tail.number(at: end - 20, bytes: 4) == 0x0706_4B50 else { return nil }
        let position = tail.number(at: end - 12, bytes: 8)
        guard position <= size - 56 else { return nil }
        let wide = try unsafe bytes(at: position, count: 56, read)
        guard wide.number(at: 0, bytes: 4) == 0x0606_4B50 else { return nil }
        return (wide.number(at: 48, bytes: 8), wide.number(at: 40, bytes: 8))
    }

    private static func bytes(at offset: UInt64, count: Int, _ read: Reader) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let filled = try unsafe bytes.withUnsafeMutableBytes { buffer in try unsafe read(buffer, offset) }
        bytes.removeLast(count - filled)
        return bytes
    }
}

extension ZipDirectory.Member {
    /// The description at a place of the directory, whose length was checked.
    fileprivate init(_ bytes: [UInt8], at position: Int) {
        let nameSize = Int(bytes.number(at: position + 28, bytes: 2)), extra = Int(bytes.number(at: position + 30, bytes: 2))
        name = bytes[position + 46..<position + 46 + nameSize]
        flags = UInt16(bytes.number(at: position + 8, bytes: 2))
        method = UInt16(bytes.number(at: position + 10, bytes: 2))
        let plain = bytes.number(at: position + 24, bytes: 4), compressed = bytes.number(at: position + 20, bytes: 4)
        let offset = bytes.number(at: position + 42, bytes: 4)
        var wide = Wide(bytes, at: position + 46 + nameSize, count: extra)
        // The wide numbers stand in this order, and only those whose narrow field is full of ones.
        plainSize = plain == 0xFFFF_FFFF ? wide.next() : plain
        compressedSize = compressed == 0xFFFF_FFFF ? wide.next() : compressed
        header = offset == 0xFFFF_FFFF ? wide.next() : offset
    }
}

/// The 64-bit numbers in the extra field 1 of a member.
private struct Wide {
    private let bytes: [UInt8]
    private var position: Int
    private let end: Int

    init(_ bytes: [UInt8], at begin: Int, count: Int) {
        self.bytes = bytes
        var field = begin
        let limit = min(bytes.count, begin + count)
        while field + 4 <= limit, bytes.number(at: field, bytes: 2) != 1 { field += 4 + Int(bytes.number(at: field + 2, bytes: 2)) }
        position = field + 4
        end = field + 4 <= limit ? min(limit, field + 4 + Int(bytes.number(at: field + 2, bytes: 2))) : 0
    }

    /// The next number; one that no archive reaches where there is none.
    mutating func next() -> UInt64 {
        guard position + 8 <= end else { return .max }
        defer { position += 8 }
        return bytes.number(at: position, bytes: 8)
    }
}

extension [UInt8] {
    /// A little-endian number; 0 where the bytes end before it.
    fileprivate func number(at position: Int, bytes: Int) -> UInt64 {
        guard position >= 0, position + bytes <= count else { return 0 }
        return (0..<bytes).reduce(0) { $0 | UInt64(self[position + $1]) << UInt64(8 * $1) }
    }
}
