internal import InstarManifest

/// Which frames of a delta one index can name: readers refuse an index beyond `DeltaLimits`, and a delta is an addition, so what
/// does not fit is left out and fetched by plain frames.
package struct IndexFitting {
    /// What one frame adds to an index.
    package struct Weight {
        package var chunks: [Range<UInt32>]
        package var prefix: [Range<UInt32>]
        /// Bytes that clients fetch less because of the frame.
        package var saved: Int

        package init(chunks: [Range<UInt32>], prefix: [Range<UInt32>], saved: Int) {
            self.chunks = chunks
            self.prefix = prefix
            self.saved = saved
        }
    }

    /// Bytes of an index that a run and a frame take at the most, and those that are left for its list of pages.
    private static let bytesOfRun = 10
    private static let bytesOfFrame = 64
    private static let bytesOfPages = 128 << 10

    private var chunks = 0
    private var prefixChunks = 0
    private var runs = 0
    private var prefixRuns = 0
    private var bytes = IndexFitting.bytesOfPages

    private init() {}

    /// Those of `frames` that fit, in their order. Where not all do, those that save most stay.
    package static func fitting<Frame>(_ frames: [Frame], weight: (Frame) -> Weight) -> [Frame] {
        let weights = frames.map(weight)
        var room = IndexFitting()
        var kept: Set<Int> = []
        for index in weights.indices.sorted(by: { (-weights[$0].saved, $0) < (-weights[$1].saved, $1) }) where room.take(weights[index]) {
            kept.insert(index)
        }
        return frames.indices.filter { kept.contains($0) }.map { frames[$0] }
    }

    /// Counts a frame, if there is room for it.
    private mutating func take(_ frame: Weight) -> Bool {
        var after = self
        after.chunks += frame.chunks.reduce(0) { $0 + $1.count }
        after.prefixChunks += frame.prefix.reduce(0) { $0 + $1.count }
        after.runs += frame.chunks.count
        after.prefixRuns += frame.prefix.count
        after.bytes += Self.bytesOfFrame + (frame.chunks.count + frame.prefix.count) * Self.bytesOfRun
        guard max(after.chunks, after.prefixChunks) <= DeltaLimits.maximumChunks,
            max(after.runs, after.prefixRuns) <= DeltaLimits.maximumRuns, after.bytes <= DeltaLimits.maximumIndexBytes
        else { return false }
        self = after
        return true
    }
}
