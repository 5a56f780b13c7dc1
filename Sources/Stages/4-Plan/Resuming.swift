extension Plan {
    /// The same plan without what an interrupted run already put in place: pieces and copies for which `isPresent`
    /// answers true are dropped, then frames without pieces, then ranges without frames.
    ///
    /// `files` and their indexes stay: every file is still finished and verified.
    package func droppingPresent(
        merging: RangeMerging = RangeMerging(), pieces isPresent: (Piece) throws -> Bool, copies isCopied: (Copy) throws -> Bool
    ) rethrows -> Plan {
        var rest = self
        rest.copies = try copies.filter { try !isCopied($0) }
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
            rest.fetches += Plan.narrowed(fetch, to: needed, gap: merging.largestGap)
        }
        return rest
    }

    /// The requests that still reach `frames`, a subset of those of `fetch`: split where a dropped frame leaves a wide gap.
    private static func narrowed(_ fetch: Fetch, to frames: [PlannedFrame], gap: UInt64) -> [Fetch] {
        var parts: [Fetch] = []
        for frame in frames {
            let end = frame.offset + UInt64(frame.compressedSize)
            if let last = parts.last, frame.offset <= last.range.upperBound + gap {
                parts[parts.count - 1].range = last.range.lowerBound..<max(end, last.range.upperBound)
                parts[parts.count - 1].frames.append(frame)
            } else {
                parts.append(Fetch(bundle: fetch.bundle, range: frame.offset..<end, frames: [frame]))
            }
        }
        return parts
    }

    /// Fetches for chunks that were to be copied but whose local source was not what it should be.
    package func fetches(replacing copies: [Copy], merging: RangeMerging = RangeMerging()) -> ([Fetch], [Piece]) {
        let inOrder = copies.sorted { ($0.frame, $0.start) < ($1.frame, $1.start) }
        let pieces = inOrder.map { Piece(digest: $0.digest, size: $0.size, start: $0.start, file: $0.file, fileOffset: $0.fileOffset) }
        var wanted: [WantedFrame] = []
        for (index, copy) in inOrder.enumerated() {
            if index > 0, inOrder[index - 1].frame == copy.frame {
                wanted[wanted.count - 1].pieces = wanted[wanted.count - 1].pieces.lowerBound..<index + 1
            } else {
                wanted.append(WantedFrame(frame: frames[Int(copy.frame)], pieces: index..<index + 1))
            }
        }
        return (merging.fetches(of: wanted), pieces)
    }
}
