internal import InstarCryptography

/// A part of a large file, cut as though a piece began with its first byte. Which pieces the file really has is known
/// only when all before it is cut; but cutting by content soon meets the same boundaries wherever it began.
struct Segment: Sendable {
    /// One piece of those that begin in the segment. Its zeros may be the beginning of more.
    struct Step: Sendable {
        var offset: UInt64
        var length: Int
        var isZero: Bool
        var beginsWithZero: Bool
        /// True where zeros end right before it.
        var followsZeros: Bool
        /// That of no bytes for zeros.
        var digest: Digest

        var end: UInt64 { offset + UInt64(length) }

        /// Whether a cutter that stands at `position` would take this piece too.
        func follows(_ position: UInt64, followsZeros: Bool) -> Bool {
            guard offset == position else { return false }
            // Zeros before a piece matter only where it begins with a few zeros more.
            return self.followsZeros == followsZeros || !beginsWithZero || (isZero && !self.followsZeros)
        }
    }

    /// Where it begins in the file.
    let begin: UInt64
    /// Where the next one begins.
    let end: UInt64
    /// The segment's bytes, and as many behind it as a piece that begins in it may need.
    let bytes: [UInt8]
    private(set) var steps: [Step] = []

    /// Reads and cuts the segment that begins at `begin`.
    init(
        from begin: UInt64, size: Int, of fileSize: UInt64, cutting: Cutting, at boundaries: [UInt64], reading read: Cutting.Reader
    ) throws {
        self.begin = begin
        end = min(begin + UInt64(size), fileSize)
        let count = Int(min(end + UInt64(cutting.greatest), fileSize) - begin)
        bytes = try unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = try unsafe read(UnsafeMutableRawBufferPointer(buffer), begin)
        }
        steps.reserveCapacity(size / cutting.average + 8)
        var hash = SHA256()
        var boundaries = Boundaries(boundaries, from: begin)
        var position = begin
        var followsZeros = false
        while position < end, let step = step(at: position, followsZeros, cutting, &boundaries, &hash) {
            steps.append(step)
            (position, followsZeros) = (step.end, step.isZero)
        }
    }

    /// The piece that begins at `position`; nil where the file has no more bytes.
    func step(
        at position: UInt64, _ followsZeros: Bool, _ cutting: Cutting, _ boundaries: inout Boundaries, _ hash: inout SHA256
    ) -> Step? {
        let place = Int(position - begin)
        guard place < bytes.count else { return nil }
        let room = min(UInt64(bytes.count - place), boundaries.next(after: position) - position)
        return unsafe bytes.withUnsafeBytes { bytes in
            let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[place..<place + Int(room)])
            let (length, isZero) = unsafe cutting.piece(rest, followsZeros: followsZeros)
            if !isZero { unsafe hash.update(UnsafeRawBufferPointer(rebasing: rest[..<length])) }
            return unsafe Step(
                offset: position, length: length, isZero: isZero, beginsWithZero: bytes[place] == 0, followsZeros: followsZeros,
                digest: isZero ? .ofNoBytes : hash.finalize())
        }
    }
}

/// Offsets at which a piece ends in any case, asked for in order.
struct Boundaries {
    private let offsets: [UInt64]
    private var index: Int

    init(_ offsets: [UInt64], from begin: UInt64) {
        self.offsets = offsets
        index = offsets.firstIndex { $0 > begin } ?? offsets.count
    }

    /// The first boundary behind `position`; the greatest number where there is none.
    mutating func next(after position: UInt64) -> UInt64 {
        while index < offsets.count, offsets[index] <= position { index += 1 }
        return index < offsets.count ? offsets[index] : .max
    }
}
