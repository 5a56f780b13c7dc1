internal import InstarCryptography
internal import InstarManifest

/// Appends the parts of an inventory.
struct ByteWriter {
    var bytes: [UInt8]

    mutating func number(_ value: UInt64) {
        for shift in stride(from: UInt64(0), to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
    }

    /// At most 65,535 bytes, which no path of a release reaches.
    mutating func text(_ text: String) {
        let utf8 = text.utf8.prefix(Int(UInt16.max))
        bytes.append(UInt8(truncatingIfNeeded: utf8.count))
        bytes.append(UInt8(truncatingIfNeeded: utf8.count >> 8))
        bytes.append(contentsOf: utf8)
    }

    mutating func digest(_ digest: Digest) {
        bytes.append(contentsOf: digest.bytes)
    }

    /// Path, kind, the target of a link, size, time, inode, digest.
    mutating func record(_ record: FileRecord) {
        text(record.path)
        switch record.kind {
        case .file(let isExecutable): bytes.append(UInt8(ascii: isExecutable ? "x" : "f"))
        case .symbolicLink: bytes.append(UInt8(ascii: "l"))
        case .emptyDirectory: bytes.append(UInt8(ascii: "d"))
        }
        if case .symbolicLink(let target) = record.kind { text(target) } else { text("") }
        number(record.size)
        number(UInt64(bitPattern: record.modified))
        number(record.inode)
        digest(record.digest)
    }
}

/// Takes the parts of an inventory off; nil where the bytes end too early or say nothing known.
struct ByteReader {
    private let bytes: [UInt8]
    private(set) var position: Int
    private let end: Int

    init(_ bytes: [UInt8], from start: Int, to end: Int) {
        self.bytes = bytes
        self.position = start
        self.end = end
    }

    mutating func number() -> UInt64? {
        guard let taken = take(8) else { return nil }
        return taken.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    mutating func textBytes() -> ArraySlice<UInt8>? {
        guard let length = take(2) else { return nil }
        return take(Int(length[length.startIndex]) | Int(length[length.startIndex + 1]) << 8)
    }

    mutating func text() -> String? { textBytes().map { String(decoding: $0, as: UTF8.self) } }

    mutating func digest() -> Digest? { take(Digest.byteCount).flatMap { Digest(bytes: $0) } }

    mutating func digests() -> [Digest]? {
        guard let count = number(), count <= UInt64(end - position) / UInt64(Digest.byteCount) else { return nil }
        var digests: [Digest] = []
        for _ in 0..<count { digest().map { digests.append($0) } }
        return digests
    }

    mutating func record() -> FileRecord? {
        guard let path = text(), let letter = take(1)?.first, let target = text(), let size = number(), let modified = number(),
            let inode = number(), let digest = digest()
        else { return nil }
        let kind: FileEntry.Kind
        switch letter {
        case UInt8(ascii: "f"): kind = .file(isExecutable: false)
        case UInt8(ascii: "x"): kind = .file(isExecutable: true)
        case UInt8(ascii: "l"): kind = .symbolicLink(target: target)
        case UInt8(ascii: "d"): kind = .emptyDirectory
        default: return nil
        }
        return FileRecord(path: path, kind: kind, size: size, digest: digest, modified: Int64(bitPattern: modified), inode: inode)
    }

    mutating func skipRecord() -> Bool {
        textBytes() != nil && take(1) != nil && textBytes() != nil && take(3 * 8 + Digest.byteCount) != nil
    }

    private mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard count <= end - position else { return nil }
        defer { position += count }
        return bytes[position..<(position + count)]
    }
}
