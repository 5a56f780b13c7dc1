internal import InstarCryptography

/// What a file system says of a file, by which one sees that nobody wrote to it since.
package struct FileStamp: Hashable, Sendable {
    package var size: UInt64
    /// Nanoseconds since 1970.
    package var modified: Int64
    /// When its status changed last, in nanoseconds since 1970; 0 where that does not matter.
    package var changed: Int64
    package var device: UInt64
    package var inode: UInt64

    package init(size: UInt64, modified: Int64, changed: Int64, device: UInt64, inode: UInt64) {
        self.size = size
        self.modified = modified
        self.changed = changed
        self.device = device
        self.inode = inode
    }
}

/// How the files of a directory were cut, so that files that nobody wrote to since need not be read again. It may be
/// deleted at any time, and it answers for no byte: whoever takes content that it names hashes it again.
///
/// The file: magic, the average size of a chunk, the number of files; for each file its path, stamp, digest and pieces;
/// and the digest of all of that. A piece is four bytes of size, the highest bit for zeros, and a digest unless it is zeros.
package struct CutIndex: Hashable, Sendable {
    /// A file as it was when it was cut.
    package struct Record: Hashable, Sendable {
        package var stamp: FileStamp
        package var cut: CutFile

        package init(stamp: FileStamp, cut: CutFile) {
            self.stamp = stamp
            self.cut = cut
        }
    }

    /// The average with which all of it was cut; with another one nothing of it holds.
    package let average: Int
    package private(set) var records: [String: Record] = [:]

    private static let magic = Array("instar cuts 1\n".utf8)
    private static let zeros: UInt32 = 1 << 31

    package init(average: Int) {
        self.average = average
    }

    /// How the file at `path` is cut; nil where that is not known or may have changed.
    package func cut(of path: String, _ stamp: FileStamp) -> CutFile? {
        guard let record = records[path], record.stamp == stamp else { return nil }
        return record.cut
    }

    package mutating func insert(_ cut: CutFile, of path: String, _ stamp: FileStamp) {
        records[path] = Record(stamp: stamp, cut: cut)
    }

    /// Reads an index; nil where it is damaged, of another format, or cut otherwise than wanted: then all is cut anew.
    package init?(decoding bytes: [UInt8], average: Int) {
        guard var reader = ByteReader(sealed: bytes, magic: CutIndex.magic), reader.number() == UInt64(average),
            let count = reader.number()
        else { return nil }
        self.average = average
        for _ in 0..<count {
            guard let path = reader.text(), let record = CutIndex.record(&reader) else { return nil }
            records[path] = record
        }
        guard reader.isAtEnd else { return nil }
    }

    /// The same bytes for the same index.
    package func encoded() -> [UInt8] {
        var writer = ByteWriter(bytes: CutIndex.magic)
        writer.number(UInt64(average))
        writer.number(UInt64(records.count))
        for (path, record) in records.sorted(by: { $0.key < $1.key }) {
            writer.text(path)
            CutIndex.write(record, to: &writer)
        }
        return writer.sealed()
    }

    private static func write(_ record: Record, to writer: inout ByteWriter) {
        let stamp = record.stamp
        for number in [stamp.size, UInt64(bitPattern: stamp.modified), UInt64(bitPattern: stamp.changed), stamp.device, stamp.inode] {
            writer.number(number)
        }
        writer.digest(record.cut.digest)
        writer.short(UInt32(record.cut.pieces.count))
        for piece in record.cut.pieces {
            writer.short(piece.isZero ? piece.size | zeros : piece.size)
            if !piece.isZero { writer.digest(piece.digest) }
        }
    }

    private static func record(_ reader: inout ByteReader) -> Record? {
        guard let size = reader.number(), let modified = reader.number(), let changed = reader.number(), let device = reader.number(),
            let inode = reader.number(), let digest = reader.digest(), let count = reader.short()
        else { return nil }
        var pieces: [CutFile.Piece] = []
        for _ in 0..<count {
            guard let coded = reader.short() else { return nil }
            if coded & zeros != 0 {
                pieces.append(.init(digest: .ofNoBytes, size: coded & ~zeros, isZero: true))
            } else {
                guard let digest = reader.digest() else { return nil }
                pieces.append(.init(digest: digest, size: coded, isZero: false))
            }
        }
        let stamp = FileStamp(
            size: size, modified: Int64(bitPattern: modified), changed: Int64(bitPattern: changed), device: device, inode: inode)
        guard pieces.reduce(0, { $0 + UInt64($1.size) }) == size else { return nil }
        return Record(stamp: stamp, cut: CutFile(digest: digest, size: size, pieces: pieces))
    }
}
