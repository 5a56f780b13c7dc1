import InstarContent
import InstarCryptography
import InstarPlan

/// A bundle made in memory; each chunk is wanted as a file of its own.
struct Bundle {
    var bytes: [UInt8] = []
    var chunks: [[UInt8]] = []
    var pieces: [Piece] = []
    var fetch: Fetch
    var digest: Digest { fetch.bundle }

    init(frames: [[[UInt8]]]) throws {
        var planned: [PlannedFrame] = []
        var encoder = try FrameEncoder(level: 3)
        for frame in frames {
            let plain = frame.flatMap { $0 }
            let compressed = try encoder.encode(plain)
            var start = 0
            let first = pieces.count
            for chunk in frame {
                pieces.append(
                    Piece(
                        digest: Digest(of: chunk), size: UInt32(chunk.count), start: UInt32(start), file: UInt32(chunks.count),
                        fileOffset: 0))
                chunks.append(chunk)
                start += chunk.count
            }
            planned.append(
                PlannedFrame(
                    offset: UInt64(bytes.count), compressedSize: UInt32(compressed.count), plainSize: UInt32(plain.count),
                    pieces: first..<pieces.count))
            bytes += compressed
        }
        fetch = Fetch(bundle: Digest(of: bytes), range: 0..<UInt64(bytes.count), frames: planned)
    }
}

/// Bytes that look random, do not compress, and are the same in every run.
func sample(_ count: Int, seed: UInt8) -> [UInt8] {
    var state = UInt64(seed) &+ 0x9E37_79B9_7F4A_7C15
    return (0..<count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(truncatingIfNeeded: state >> 33)
    }
}
