internal import InstarCryptography
internal import InstarManifest

extension ByteWriter {
    /// Path, kind, the target of a link, size, time, inode, digest.
    mutating func record(_ record: FileRecord) {
        text(record.path)
        byte(record.kind.letter)
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

    /// Where each of `count` records begins, and where the last ends.
    mutating func skipRecords(_ count: Int) -> [Int]? {
        var starts = [position]
        for _ in 0..<count {
            guard textBytes() != nil, byte() != nil, textBytes() != nil, skip(RecordFacts.tailLength) else { return nil }
            starts.append(position)
        }
        return starts
    }
}
