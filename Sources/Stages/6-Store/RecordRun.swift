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

    mutating func reserve(records: Int, bytes: Int) {
        starts.reserveCapacity(starts.count + records)
        writer.reserve(bytes)
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
        append(other, other.starts.indices)
        count(other)
    }

    /// Some records of another run, without what they add to the sums.
    mutating func append(_ other: RecordRun, _ range: Range<Int>) {
        guard let first = range.first else { return }
        let from = other.starts[first]
        let offset = writer.bytes.count - from
        writer.append(other.bytes[from..<other.end(of: range.upperBound - 1)])
        for start in other.starts[range] { starts.append(start + offset) }
    }

    /// Adds what another run sums up to.
    mutating func count(_ other: RecordRun) {
        files += other.files
        size += other.size
    }

    private func end(of index: Int) -> Int { index + 1 < starts.count ? starts[index + 1] : bytes.count }

    /// The records as values.
    var records: [FileRecord] {
        starts.compactMap { start in
            var reader = ByteReader(writer.bytes, from: start, to: writer.bytes.count)
            return reader.record()
        }
    }

    /// The same records by path.
    func sorted() -> RecordRun {
        guard starts.indices.dropFirst().contains(where: { !precedes($0 - 1, self, $0) }) else { return self }
        var sorted = RecordRun()
        sorted.reserve(records: starts.count, bytes: bytes.count)
        for index in starts.indices.sorted(by: { precedes($0, self, $1) }) { sorted.append(self, index..<(index + 1)) }
        sorted.count(self)
        return sorted
    }

    /// Where, at `start` or behind it, a record of another run belongs in this one, which is sorted.
    func position(of other: RecordRun, _ index: Int, from start: Int) -> Int {
        var (low, high) = (start, starts.count)
        while low < high {
            let middle = (low + high) / 2
            if precedes(middle, other, index) { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// True where the path of the record at `index` sorts before that of another run's.
    private func precedes(_ index: Int, _ other: RecordRun, _ otherIndex: Int) -> Bool {
        unsafe bytes.withUnsafeBytes { left in
            unsafe other.bytes.withUnsafeBytes { right in
                unsafe order(Self.path(left, at: starts[index]), Self.path(right, at: other.starts[otherIndex])) < 0
            }
        }
    }

    /// The path of the record that begins at `start`: two bytes of length, then its bytes.
    private static func path(_ bytes: UnsafeRawBufferPointer, at start: Int) -> UnsafeRawBufferPointer {
        let length = unsafe Int(bytes[start]) | Int(bytes[start + 1]) << 8
        return unsafe UnsafeRawBufferPointer(rebasing: bytes[(start + 2)..<(start + 2 + length)])
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
