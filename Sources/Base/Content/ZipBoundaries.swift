/// Where the members of a zip archive begin and end, so that the archive can be cut there: `.zip`, `.jar`, and the packs
/// of many games. Cut so, a member that did not change is the same chunks wherever it moved to, and a header whose time
/// stamp changed does not take its member along.
///
/// Follows APPNOTE.TXT 6.3.10, zip64 included. An archive that does not hold what it says is simply cut as any other file.
package enum ZipBoundaries {
    /// Reads up to the buffer's size from an offset of the file; says how many bytes.
    package typealias Reader = (UnsafeMutableRawBufferPointer, UInt64) throws -> Int

    /// Bytes of the central directory that are read at most: some 200,000 members. Bounds memory.
    private static let maximumDirectory: UInt64 = 32 << 20

    /// The offsets, growing, at which to cut; empty for files that are no zip archive.
    package static func find(size: UInt64, reading read: Reader) throws -> [UInt64] {
        // The smallest archive with a member.
        guard size >= 98, try unsafe bytes(at: 0, count: 4, read).number(at: 0, bytes: 4) == 0x0403_4B50 else { return [] }
        guard let directory = try unsafe directory(size: size, read), directory.size <= maximumDirectory else { return [] }
        guard directory.offset <= size, directory.size <= size - directory.offset else { return [] }
        let entries = try unsafe bytes(at: directory.offset, count: Int(directory.size), read)
        var boundaries: Set<UInt64> = [directory.offset]
        var position = 0
        while position + 46 <= entries.count, entries.number(at: position, bytes: 4) == 0x0201_4B50 {
            let entry = Entry(entries, at: position)
            position += entry.length
            guard position <= entries.count, entry.header <= size - 30 else { return [] }
            let header = try unsafe bytes(at: entry.header, count: 30, read)
            guard header.number(at: 0, bytes: 4) == 0x0403_4B50 else { return [] }
            let begin = entry.header + 30 + header.number(at: 26, bytes: 2) + header.number(at: 28, bytes: 2)
            let (end, overflow) = begin.addingReportingOverflow(entry.compressedSize)
            guard !overflow, end <= directory.offset else { return [] }
            boundaries.formUnion([entry.header, begin, end])
        }
        return boundaries.filter { $0 > 0 && $0 < size }.sorted()
    }

    /// One member as the central directory describes it.
    private struct Entry {
        /// Bytes of the description.
        let length: Int
        let compressedSize: UInt64
        /// Where the member's own header is.
        let header: UInt64

        init(_ bytes: [UInt8], at position: Int) {
            let name = Int(bytes.number(at: position + 28, bytes: 2)), extra = Int(bytes.number(at: position + 30, bytes: 2))
            length = 46 + name + extra + Int(bytes.number(at: position + 32, bytes: 2))
            let plain = bytes.number(at: position + 24, bytes: 4), compressed = bytes.number(at: position + 20, bytes: 4)
            let offset = bytes.number(at: position + 42, bytes: 4)
            var wide = Wide(bytes, at: position + 46 + name, count: extra)
            // The wide numbers stand in this order, and only those whose narrow field is full of ones.
            if plain == 0xFFFF_FFFF { _ = wide.next() }
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

    /// Where the central directory is: named by the end record, which stands before a comment of at most 64 KB.
    private static func directory(size: UInt64, _ read: Reader) throws -> (offset: UInt64, size: UInt64)? {
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

extension [UInt8] {
    /// A little-endian number; 0 where the bytes end before it.
    fileprivate func number(at position: Int, bytes: Int) -> UInt64 {
        guard position >= 0, position + bytes <= count else { return 0 }
        return (0..<bytes).reduce(0) { $0 | UInt64(self[position + $1]) << UInt64(8 * $1) }
    }
}
