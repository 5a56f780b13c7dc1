package import InstarManifest

/// A frame that must be fetched.
package struct WantedFrame: Hashable, Sendable {
    package var frame: Frame
    /// The run of the plan's pieces that it serves.
    package var pieces: Range<Int>
    /// True where it holds code, which is fetched before assets.
    package var isUrgent = false
    /// The run of the plan's prefixes that it is compressed with, if any.
    package var prefix: Range<Int>?
    /// The element of the plan's inflations that says what of it is inflated, if anything.
    package var inflation: Int?

    package init(frame: Frame, pieces: Range<Int>, isUrgent: Bool = false, prefix: Range<Int>? = nil, inflation: Int? = nil) {
        self.frame = frame
        self.pieces = pieces
        self.isUrgent = isUrgent
        self.prefix = prefix
        self.inflation = inflation
    }
}

/// Turns many wanted frames into few ranged requests.
///
/// Two frames with a gap between them become one request where reading over the gap costs less than asking again. The
/// cheapest gaps are taken first, until `shareReadOver` of the wanted bytes is spent.
package struct RangeMerging: Hashable, Sendable {
    /// A gap of more bytes than this is never read over: about what a line of 20 Mbit/s carries in a round trip of 50 ms.
    package var largestGap: UInt64 = 128 << 10
    /// Of all wanted bytes, how many more may be read in vain.
    package var shareReadOver = 0.05
    /// Small updates may read this many bytes in vain whatever their size: less than one more request costs.
    package var freeReadOver: UInt64 = 16 << 10
    /// A download is cut into about so many ranges, however long they become, so that several connections can share it and a broken
    /// connection costs little. More would not share it better.
    package var enoughRanges: UInt64 = 8
    /// Ranges are not cut to less than this. One connection begins with 14 KB a round trip, so a line of 100 Mbit/s is full sooner the
    /// more of them begin at once, and on one that loses packets each carries little; but each is one more request.
    package var leastRange: UInt64 = 1 << 20

    package init() {}

    /// The requests, urgent ones first, otherwise in the order of the repository.
    package func fetches(of wanted: [WantedFrame]) -> [Fetch] {
        let frames = wanted.sorted { ($0.frame.bundle, $0.frame.offset) < ($1.frame.bundle, $1.frame.offset) }
        let bridged = gapsToBridge(in: frames)
        let wantedBytes = frames.reduce(0) { $0 + UInt64($1.frame.compressedSize) }
        let size = max(leastRange, wantedBytes / max(1, enoughRanges))
        var fetches: [Fetch] = []
        var urgent: [Bool] = []
        for (index, wanted) in frames.enumerated() {
            let frame = wanted.frame
            let planned = PlannedFrame(
                offset: frame.offset, compressedSize: frame.compressedSize, plainSize: frame.plainSize, pieces: wanted.pieces,
                prefix: wanted.prefix, inflation: wanted.inflation)
            // What lies more than half beyond the end begins the next one.
            if bridged.contains(index), let last = fetches.last,
                frame.offset - last.range.lowerBound + UInt64(frame.compressedSize / 2) <= size
            {
                fetches[fetches.count - 1].range = last.range.lowerBound..<max(last.range.upperBound, frame.end)
                fetches[fetches.count - 1].frames.append(planned)
                urgent[urgent.count - 1] = urgent[urgent.count - 1] || wanted.isUrgent
            } else {
                fetches.append(Fetch(bundle: frame.bundle, range: frame.offset..<frame.end, frames: [planned]))
                urgent.append(wanted.isUrgent)
            }
        }
        return zip(fetches, urgent).filter(\.1).map(\.0) + zip(fetches, urgent).filter { !$0.1 }.map(\.0)
    }

    /// The indexes of frames that are worth reaching from the frame before them without a new request.
    private func gapsToBridge(in frames: [WantedFrame]) -> Set<Int> {
        let wantedBytes = frames.reduce(0) { $0 + UInt64($1.frame.compressedSize) }
        var budget = max(freeReadOver, UInt64(Double(wantedBytes) * shareReadOver))
        var bridged: Set<Int> = []
        let gaps = frames.indices.dropFirst().compactMap { index in
            gap(from: frames[index - 1].frame, to: frames[index].frame).map { (size: $0, index: index) }
        }
        for gap in gaps.sorted(by: { ($0.size, $0.index) < ($1.size, $1.index) }) {
            guard gap.size <= largestGap, gap.size <= budget else { break }
            budget -= gap.size
            bridged.insert(gap.index)
        }
        return bridged
    }

    private func gap(from left: Frame, to right: Frame) -> UInt64? {
        guard left.bundle == right.bundle else { return nil }
        return right.offset >= left.end ? right.offset - left.end : 0
    }
}

extension Frame {
    /// The first byte of the bundle after this frame. Saturates, so that a hostile offset cannot overflow.
    package var end: UInt64 { endOfFrame(at: offset, size: compressedSize) }
}

extension PlannedFrame {
    /// The first byte of the bundle after this frame, as `Frame.end`.
    package var end: UInt64 { endOfFrame(at: offset, size: compressedSize) }
}

private func endOfFrame(at offset: UInt64, size: UInt32) -> UInt64 {
    let (end, overflow) = offset.addingReportingOverflow(UInt64(size))
    return overflow ? .max : end
}
