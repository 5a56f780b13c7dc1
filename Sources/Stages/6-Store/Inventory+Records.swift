internal import InstarCryptography
internal import InstarManifest

extension ByteWriter {
    /// Path, kind, the target of a link, size, time, inode, digest.
    mutating func record(_ record: FileRecord) {
        text(record.path)
        switch record.kind {
        case .file(let isExecutable): byte(UInt8(ascii: isExecutable ? "x" : "f"))
        case .symbolicLink: byte(UInt8(ascii: "l"))
        case .emptyDirectory: byte(UInt8(ascii: "d"))
        }
        if case .symbolicLink(let target) = record.kind { text(target) } else { text("") }
        number(record.size)
        number(UInt64(bitPattern: record.modified))
        number(record.inode)
        digest(record.digest)
    }
}

extension ByteReader {
    mutating func record() -> FileRecord? {
        guard let path = text(), let letter = byte(), let target = text(), let size = number(), let modified = number(),
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
        textBytes() != nil && byte() != nil && textBytes() != nil && skip(3 * 8 + Digest.byteCount)
    }
}
