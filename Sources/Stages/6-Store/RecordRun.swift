internal import InstarCryptography
internal import InstarManifest

/// Records of paths as an inventory's file has them, one after another: a hundred bytes each, where a value for each would
/// take three allocations.
struct RecordRun: Sendable {
    private var writer = ByteWriter()
    /// Where each record begins.
    private(set) var starts: [Int] = []
    /// Regular files among them.
    private(set) var files: UInt64 = 0
    /// The sum of their sizes.
    private(set) var size: UInt64 = 0

    init() {}

    init(_ records: [FileRecord]) {
        for record in records { append(record) }
    }

    var bytes: [UInt8] { writer.bytes }

    mutating func reserve(_ count: Int) {
        starts.reserveCapacity(count)
        writer.reserve(count * 128)
    }

    mutating func append(_ record: FileRecord) {
        starts.append(writer.bytes.count)
        writer.record(record)
        if case .file = record.kind { files += 1 }
        size += record.size
    }

    /// The record of a regular file as another inventory has it.
    mutating func append(fileOf inventory: Inventory, _ index: Int, size fileSize: UInt64) {
        starts.append(writer.bytes.count)
        writer.append(inventory.recordBytes(index))
        files += 1
        size += fileSize
    }

    mutating func append(_ other: RecordRun) {
        let base = writer.bytes.count
        writer.append(other.writer.bytes)
        starts.reserveCapacity(starts.count + other.starts.count)
        for start in other.starts { starts.append(base + start) }
        files += other.files
        size += other.size
    }

    /// The records as values.
    var records: [FileRecord] {
        starts.compactMap { start in
            var reader = ByteReader(writer.bytes, from: start, to: writer.bytes.count)
            return reader.record()
        }
    }

    /// The same records by path.
    func sorted() -> RecordRun {
        let bytes = writer.bytes
        // Links come in path order already, and only what was built anew is out of it.
        guard zip(starts, starts.dropFirst()).contains(where: { !Self.precedes(bytes, $0, $1) }) else { return self }
        let ends = starts.dropFirst() + [bytes.count]
        let ranges = zip(starts, ends).sorted { Self.precedes(bytes, $0.0, $1.0) }
        var sorted = RecordRun()
        sorted.writer.reserve(bytes.count)
        sorted.starts.reserveCapacity(starts.count)
        for (start, end) in ranges {
            sorted.starts.append(sorted.writer.bytes.count)
            sorted.writer.append(bytes[start..<end])
        }
        (sorted.files, sorted.size) = (files, size)
        return sorted
    }

    /// True where the path of the record at `left` sorts before that of the one at `right`.
    private static func precedes(_ bytes: [UInt8], _ left: Int, _ right: Int) -> Bool {
        func length(_ start: Int) -> Int { Int(bytes[start]) | Int(bytes[start + 1]) << 8 }
        let (first, second) = (length(left), length(right))
        for index in 2..<(2 + min(first, second)) where bytes[left + index] != bytes[right + index] {
            return bytes[left + index] < bytes[right + index]
        }
        return first < second
    }
}

/// What a record says of a path beside its name.
struct RecordFacts {
    private let letter: UInt8
    let size: UInt64
    let modified: Int64
    let inode: UInt64
    let digest: Digest

    /// Bytes of the numbers and the digest, with which every record ends.
    static let tailLength = 3 * 8 + Digest.byteCount

    init(letter: UInt8, tail: ArraySlice<UInt8>) {
        self.letter = letter
        (size, modified, inode, digest) = unsafe tail.withUnsafeBytes { tail in
            unsafe (
                UInt64(littleEndian: tail.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
                Int64(littleEndian: tail.loadUnaligned(fromByteOffset: 8, as: Int64.self)),
                UInt64(littleEndian: tail.loadUnaligned(fromByteOffset: 16, as: UInt64.self)), Digest(loading: tail, at: 24)
            )
        }
    }

    /// True for a regular file.
    var isFile: Bool { letter == UInt8(ascii: "f") || letter == UInt8(ascii: "x") }

    /// True for a symbolic link.
    var isLink: Bool { letter == UInt8(ascii: "l") }

    func isKind(_ kind: FileEntry.Kind) -> Bool { letter == kind.letter }
}

extension FileEntry.Kind {
    /// How an inventory writes it.
    var letter: UInt8 {
        switch self {
        case .file(let isExecutable): UInt8(ascii: isExecutable ? "x" : "f")
        case .symbolicLink: UInt8(ascii: "l")
        case .emptyDirectory: UInt8(ascii: "d")
        }
    }
}
