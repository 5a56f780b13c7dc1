import InstarCryptography
import InstarManifest
import InstarPublishing
import Testing

@Suite struct IndexFittingTests {
    private struct Made {
        var chunks: [Range<UInt32>]
        var prefix: [Range<UInt32>]
        var saved: Int

        var part: DeltaIndex.Part {
            let frame = Frame(bundle: Digest(of: [1]), offset: 7 << 30, compressedSize: 8 << 20, plainSize: 8 << 20)
            return DeltaIndex.Part(frame: frame, chunks: chunks, prefix: prefix)
        }
    }

    @Test func `frames that one index can name all stay, in their order`() {
        let frames = (0..<9).map { Made(chunks: [UInt32($0)..<UInt32($0 + 1)], prefix: [], saved: [5, 9, 1][$0 % 3]) }
        #expect(fitting(frames).map(\.chunks) == frames.map(\.chunks))
    }

    @Test func `frames of more chunks than a reader takes are left out, those that save least first`() throws {
        let size = UInt32(DeltaLimits.maximumChunks / 4)
        let frames = (0..<5).map { Made(chunks: [UInt32($0) * size..<UInt32($0 + 1) * size], prefix: [], saved: [9, 8, 1, 7, 6][$0]) }
        #expect(throws: ManifestError.self) { try read(frames) }
        #expect(fitting(frames).map(\.saved) == [9, 8, 7, 6])
        try read(fitting(frames))
    }

    @Test func `frames with more old content than a reader takes are left out`() throws {
        let all = [UInt32(0)..<UInt32(DeltaLimits.maximumChunks)]
        let frames = (0..<3).map { Made(chunks: [UInt32($0)..<UInt32($0 + 1)], prefix: all, saved: $0) }
        #expect(throws: ManifestError.self) { try read(frames) }
        #expect(fitting(frames).map(\.saved) == [2])
        try read(fitting(frames))
    }

    @Test func `frames of more runs than an index has bytes for are left out`() throws {
        // As far apart as ordinal numbers can be, so that each run takes as many bytes as it can.
        let far: [Range<UInt32>] = (0..<100).map { (number: Int) -> Range<UInt32> in
            let begin: UInt32 = number % 2 == 0 ? UInt32(number) : UInt32.max - 1 - UInt32(number)
            return begin..<begin + 1
        }
        let frames = (0..<2000).map { Made(chunks: far, prefix: far, saved: $0) }
        #expect(throws: ManifestError.self) { try read(frames) }
        #expect(fitting(frames).count > 400)
        try read(fitting(frames))
    }

    private func fitting(_ frames: [Made]) -> [Made] {
        IndexFitting.fitting(frames) { IndexFitting.Weight(chunks: $0.chunks, prefix: $0.prefix, saved: $0.saved) }
    }

    /// Encodes an index of these frames and reads it as a client does.
    private func read(_ frames: [Made]) throws {
        let index = DeltaIndex(parts: frames.map(\.part))
        #expect(try DeltaIndex(decoding: index.encoded()) == index)
    }
}
