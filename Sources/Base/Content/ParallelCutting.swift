internal import InstarCryptography
internal import InstarThreads

extension Cutting {
    /// Reads from an offset as much as the buffer holds; answers how many bytes, fewer only at the end of the file.
    package typealias Reader = @Sendable (UnsafeMutableRawBufferPointer, UInt64) throws -> Int

    /// Bytes of a file that one thread cuts at a time.
    package static let standardSegment = 4 << 20

    /// Cuts one large file on several threads, to the same pieces as `FileCutter`: segments are cut side by side, each as
    /// though a piece began with it, and joined where the pieces of one end at a boundary that the next one found too.
    /// Memory is twice as many segments as there are threads, whatever the file's size.
    ///
    /// - Parameters:
    ///   - segment: Bytes of a segment; more than a chunk may have.
    ///   - progress: Told of bytes as they are through.
    /// - Returns: What was found; its size is smaller than `size` where the file turned out to be.
    package func cut(
        size: UInt64, at boundaries: [UInt64] = [], segment: Int = standardSegment, width: Int = Workers.processorCount,
        reading read: Reader, progress: (UInt64) -> Void = { _ in }
    ) throws -> CutFile {
        precondition(segment > greatest)
        var joiner = SegmentJoiner(cutting: self, boundaries: boundaries)
        let count = Int((size + UInt64(segment) - 1) / UInt64(segment))
        try Workers.forEachInOrder(
            count: count, width: width, worker: {},
            prepare: { _, index in
                unsafe try Segment(
                    from: UInt64(index) * UInt64(segment), size: segment, of: size, cutting: self, at: boundaries, reading: read)
            },
            take: { _, segment in
                joiner.join(segment)
                progress(segment.end - segment.begin)
            })
        return joiner.finish()
    }
}

/// Puts segments together, in order, to what cutting the file from its beginning would have found.
private struct SegmentJoiner: ~Copyable {
    private let cutting: Cutting
    private var boundaries: Boundaries
    private var file = CutFile(digest: .ofNoBytes, size: 0, pieces: [])
    /// Zeros right before the place that is reached.
    private var zeros: UInt64 = 0
    private var fileHash = SHA256()
    private var chunkHash = SHA256()

    init(cutting: Cutting, boundaries: [UInt64]) {
        self.cutting = cutting
        self.boundaries = Boundaries(boundaries, from: 0)
    }

    /// Goes on through the next segment: piece by piece until the segment has the same boundary, from there as it was cut.
    mutating func join(_ segment: Segment) {
        // A file that ended early has no more segments that count.
        guard file.size >= segment.begin else { return }
        hash(segment)
        var found = segment.steps[...]
        while file.size < segment.end {
            found = found.drop { $0.offset < file.size }
            if let step = found.first, step.follows(file.size, followsZeros: zeros > 0) {
                for step in found { add(step) }
                return
            }
            guard let step = segment.step(at: file.size, zeros > 0, cutting, &boundaries, &chunkHash) else { return }
            add(step)
        }
    }

    consuming func finish() -> CutFile {
        file.append(zeros: &zeros)
        file.digest = fileHash.finalize()
        return file
    }

    private mutating func add(_ step: Segment.Step) {
        file.size += UInt64(step.length)
        if step.isZero {
            zeros += UInt64(step.length)
        } else {
            file.append(zeros: &zeros)
            file.pieces.append(CutFile.Piece(digest: step.digest, size: UInt32(step.length), isZero: false))
        }
    }

    private mutating func hash(_ segment: Segment) {
        unsafe segment.bytes.withUnsafeBytes { bytes in
            let own = min(bytes.count, Int(segment.end - segment.begin))
            unsafe fileHash.update(UnsafeRawBufferPointer(rebasing: bytes[..<own]))
        }
    }
}
