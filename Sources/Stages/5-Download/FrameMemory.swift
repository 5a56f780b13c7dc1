internal import InstarContent
internal import InstarThreads

/// The memory of all frames of one download.
///
/// Streams wait for the network most of their time, so each holds the compressed bytes of its frame and nothing else, and all
/// of them together no more than some megabytes. Decompressing waits for a processor, so there are few places to do it in.
final class FrameMemory: Sendable {
    /// Where one plain frame after the other is decompressed.
    final class Workspace {
        var decoder: FrameDecoder
        var plain = ByteBuffer(count: 0)

        fileprivate init(decoder: consuming FrameDecoder) { self.decoder = decoder }
    }

    /// Bytes of compressed frames that may be held at once. Twelve ordinary frames fit in, whatever is in them. Beside deltas, which
    /// take a frame and its prefix of many megabytes, it is a third of that; of the largest frames one is fetched at a time then.
    let compressedBytes: Int
    /// Frames that are decompressed at once, each in at most `FrameLimits.maximumPlainSize`.
    let workspaces = Workspaces(atMost: min(4, max(2, Workers.processorCount))) { Workspace(decoder: try FrameDecoder()) }

    init(besideDeltas: Bool) {
        compressedBytes = besideDeltas ? 4 << 20 : 12 << 20
    }
}
