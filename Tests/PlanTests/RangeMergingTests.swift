import InstarCryptography
import InstarManifest
import InstarPlan
import Testing

@Suite struct RangeMergingTests {
    let bundle = Digest(of: [1])

    @Test func `adjacent frames are one request`() {
        let fetches = RangeMerging().fetches(of: frames(at: [0, 1000, 2000]))
        #expect(fetches.map(\.range) == [0..<3000])
        #expect(fetches[0].frames.map(\.offset) == [0, 1000, 2000])
    }

    @Test func `a small gap is read over and a large one is not`() {
        let fetches = RangeMerging().fetches(of: frames(at: [0, 3000, 5_000_000]))
        #expect(fetches.map(\.range) == [0..<4000, 5_000_000..<5_001_000])
    }

    @Test func `frames of different bundles are never one request`() {
        var wanted = frames(at: [0])
        wanted.append(WantedFrame(frame: Frame(bundle: Digest(of: [2]), offset: 1000, compressedSize: 10, plainSize: 10), pieces: 0..<0))
        #expect(RangeMerging().fetches(of: wanted).count == 2)
    }

    @Test func `at most a twentieth of a large download is read in vain`() {
        // A thousand frames of 1000 bytes, each 500 bytes after the one before.
        let wanted = frames(at: (0..<1000).map { UInt64($0) * 1500 })
        let fetches = RangeMerging().fetches(of: wanted)
        let read = fetches.reduce(0) { $0 + $1.range.count }
        #expect(read > 1_000_000 && read <= 1_050_000)
        #expect(fetches.reduce(0) { $0 + $1.frames.count } == 1000)
    }

    @Test func `a long run is cut so that connections can share it`() {
        var merging = RangeMerging()
        merging.leastRange = 10_000
        let fetches = merging.fetches(of: frames(at: (0..<35).map { UInt64($0) * 1000 }))
        #expect(fetches.map(\.range.count) == [10_000, 10_000, 10_000, 5_000])
    }

    @Test(arguments: [(bytes: 200_000, ranges: 1...1), (4_000_000, 3...5), (100_000_000, 8...9)])
    func `several connections share what is worth several requests, and no more than that`(bytes: Int, ranges: ClosedRange<Int>) {
        let size = UInt32(100_000)
        let wanted = (0..<bytes / Int(size)).map { index in
            let frame = Frame(bundle: bundle, offset: UInt64(index) * UInt64(size), compressedSize: size, plainSize: 2 * size)
            return WantedFrame(frame: frame, pieces: 0..<0)
        }
        let fetches = RangeMerging().fetches(of: wanted)
        #expect(ranges.contains(fetches.count))
        #expect(fetches.reduce(0) { $0 + $1.range.count } == bytes)
    }

    @Test func `frames that almost fill a range do not double the requests`() {
        let size = UInt32(400_000)
        let wanted = (0..<12).map { index in
            let frame = Frame(bundle: bundle, offset: UInt64(index) * UInt64(size), compressedSize: size, plainSize: size)
            return WantedFrame(frame: frame, pieces: 0..<0)
        }
        #expect(RangeMerging().fetches(of: wanted).map(\.frames.count) == [3, 3, 3, 3])
    }

    @Test func `an offset at the end of the number range does not overflow`() {
        let wanted = [
            WantedFrame(frame: Frame(bundle: bundle, offset: .max - 5, compressedSize: 1000, plainSize: 10), pieces: 0..<0),
            WantedFrame(frame: Frame(bundle: bundle, offset: .max - 3, compressedSize: 1000, plainSize: 10), pieces: 0..<0),
        ]
        #expect(!RangeMerging().fetches(of: wanted).isEmpty)
    }

    private func frames(at offsets: [UInt64]) -> [WantedFrame] {
        offsets.map { WantedFrame(frame: Frame(bundle: bundle, offset: $0, compressedSize: 1000, plainSize: 4000), pieces: 0..<0) }
    }
}
