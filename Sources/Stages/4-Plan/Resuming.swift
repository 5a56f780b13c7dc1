internal import InstarManifest

extension Plan {
    /// The same plan without what an interrupted run already put in place: pieces and copied chunks for which `isPresent` answers
    /// true are dropped, then frames without pieces, then ranges without frames.
    ///
    /// `files` and their indexes stay: every file is still finished and verified.
    package func droppingPresent(merging: RangeMerging = RangeMerging(), _ isPresent: (Piece) throws -> Bool) rethrows -> Plan {
        var rest = self
        rest.copies = try copies.flatMap { try parts(of: $0, without: isPresent) }
        rest.fetches = []
        rest.pieces = []
        for fetch in fetches {
            var needed: [PlannedFrame] = []
            for var frame in fetch.frames {
                let missing = try pieces[frame.pieces].filter { try !isPresent($0) }
                guard !missing.isEmpty else { continue }
                frame.pieces = rest.pieces.count..<rest.pieces.count + missing.count
                rest.pieces += missing
                needed.append(frame)
            }
            rest.fetches += fetch.narrowed(to: needed, gap: merging.largestGap)
        }
        return rest
    }

    /// The runs of a copy's chunks that are not there.
    private func parts(of copy: Copy, without isPresent: (Piece) throws -> Bool) rethrows -> [Copy] {
        var parts: [Copy] = []
        for number in copy.chunks {
            let begun = copy.offset(of: number, in: copiedChunks)
            let piece = Piece(replacing: copiedChunks[number], file: copy.file, fileOffset: copy.fileOffset + begun)
            if try isPresent(piece) { continue }
            if let last = parts.last, last.chunks.upperBound == number {
                parts[parts.count - 1].chunks = last.chunks.lowerBound..<number + 1
                parts[parts.count - 1].size += UInt64(piece.size)
            } else {
                parts.append(
                    Copy(
                        chunks: number..<number + 1, size: UInt64(piece.size), file: copy.file, fileOffset: piece.fileOffset,
                        source: copy.source, sourceOffset: copy.sourceOffset + begun))
            }
        }
        return parts
    }

    /// The pieces that take the place of chunks of a copy, by their numbers in `copiedChunks`.
    package func pieces(replacing numbers: [Int], of copy: Copy) -> [Piece] {
        numbers.map { number in
            Piece(
                replacing: copiedChunks[number], file: copy.file, fileOffset: copy.fileOffset + copy.offset(of: number, in: copiedChunks))
        }
    }

    /// Fetches, by plain frames alone, for chunks that could not be got as planned: the local content that they were to be
    /// copied from, or that their delta needs, was not what it should be.
    package func fetches(replacing lost: [Piece], merging: RangeMerging = RangeMerging()) -> ([Fetch], [Piece]) {
        var collector = FrameCollector()
        for (index, piece) in lost.enumerated() {
            let chunk = Chunk(digest: piece.digest, size: piece.size, frame: piece.frame, start: piece.frameStart)
            collector.want(chunk, in: frames[Int(piece.frame)], tag: UInt32(index))
        }
        let (fetches, pieces) = collector.fetches(merging: merging)
        return (
            fetches,
            pieces.map { piece in
                var piece = piece
                let wanted = lost[Int(piece.file)]
                (piece.file, piece.fileOffset) = (wanted.file, wanted.fileOffset)
                return piece
            }
        )
    }
}

extension Fetch {
    /// The requests that still reach `frames`, a subset of its own: split where a dropped frame leaves a gap wider than `gap`.
    package func narrowed(to frames: [PlannedFrame], gap: UInt64 = RangeMerging().largestGap) -> [Fetch] {
        var parts: [Fetch] = []
        for frame in frames {
            let end = frame.offset + UInt64(frame.compressedSize)
            if let last = parts.last, frame.offset <= last.range.upperBound + gap {
                parts[parts.count - 1].range = last.range.lowerBound..<max(end, last.range.upperBound)
                parts[parts.count - 1].frames.append(frame)
            } else {
                parts.append(Fetch(bundle: bundle, range: frame.offset..<end, frames: [frame]))
            }
        }
        return parts
    }
}

extension Copy {
    /// How far behind its first chunk the one with this number begins.
    fileprivate func offset(of number: Int, in all: [Chunk]) -> UInt64 {
        all[chunks.lowerBound..<number].reduce(0) { $0 + UInt64($1.size) }
    }
}
