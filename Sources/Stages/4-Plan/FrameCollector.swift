package import InstarManifest

/// Collects single chunks that are wanted from the repository and turns them into few requests.
package struct FrameCollector: Sendable {
    private var wanted: [(frame: Frame, piece: Piece)] = []

    package init() {}

    /// Wants a chunk that lies in `frame`. `tag` comes back as the piece's `file`.
    package mutating func want(_ chunk: Chunk, in frame: Frame, tag: UInt32) {
        wanted.append((frame, Piece(digest: chunk.digest, size: chunk.size, start: chunk.start, file: tag, fileOffset: 0)))
    }

    /// The requests that bring every wanted chunk.
    package func fetches(merging: RangeMerging = RangeMerging()) -> ([Fetch], [Piece]) {
        let inOrder = wanted.sorted { left, right in
            (left.frame.bundle, left.frame.offset, left.piece.start) < (right.frame.bundle, right.frame.offset, right.piece.start)
        }
        var frames: [WantedFrame] = []
        for (index, item) in inOrder.enumerated() {
            if let last = frames.last, last.frame == item.frame {
                frames[frames.count - 1].pieces = last.pieces.lowerBound..<index + 1
            } else {
                frames.append(WantedFrame(frame: item.frame, pieces: index..<index + 1))
            }
        }
        return (merging.fetches(of: frames), inOrder.map(\.piece))
    }
}
