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

    private struct Places {
        var idle: [Workspace] = []
        var made = 0
    }

    /// Bytes of compressed frames that may be held at once. Twelve ordinary frames fit in, whatever is in them. Beside deltas, which
    /// take a frame and its prefix of many megabytes, it is half of that; of the largest frames one is fetched at a time then.
    let compressedBytes: Int
    /// Frames that are decompressed at once, each in at most `FrameLimits.maximumPlainSize`.
    private static let workspaces = min(4, max(2, Workers.processorCount))

    private let places = Monitor(Places())

    init(besideDeltas: Bool) {
        compressedBytes = besideDeltas ? 4 << 20 : 12 << 20
    }

    /// Runs `body` in a workspace that nobody else uses, after waiting for one.
    func withWorkspace<Result>(_ body: (Workspace) throws -> Result) throws -> Result {
        let idle = places.wait(
            until: { !$0.idle.isEmpty || $0.made < Self.workspaces },
            then: { places in
                if places.idle.isEmpty { places.made += 1 }
                return places.idle.popLast()
            })
        var made = idle
        defer { places.withLock { places in if let made { places.idle.append(made) } else { places.made -= 1 } } }
        let workspace = try idle ?? Workspace(decoder: try FrameDecoder())
        made = workspace
        return try body(workspace)
    }
}
