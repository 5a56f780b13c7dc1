import InstarContent
import InstarCryptography
import InstarManifest
import InstarPlan
import Testing

@Suite struct FrameInflationTests {
    private let frame = Frame(bundle: Digest(of: [8]), offset: 0, compressedSize: 50, plainSize: 5300)

    /// Chunks of 100, 1000, 1000 and 200 bytes, the middle two a stream of 5000.
    private let chunks: [UInt32] = [100, 1000, 1000, 200]

    private func inflation(
        _ streams: [Range<Int>] = [1..<3], size: UInt32 = 5000, deflater: Int = 0, prefix: [Range<Int>] = [0..<1], maximum: UInt32 = 8 << 20
    ) throws -> FrameInflation? {
        let deflaters = [DeltaDeflater(parameters: try #require(DeflateParameters(level: 6)), mark: 1)]
        return FrameInflation(
            DeltaInflation(
                prefix: prefix, prefixSize: 900, content: streams.map { .init(chunks: $0, size: size, deflater: deflater) }), of: chunks,
            prefix: [300], deflaters: deflaters, maximumSize: maximum)
    }

    private func offered(_ inflation: FrameInflation?, maximumPrefix: UInt32 = 1000) throws -> OfferedDelta? {
        OfferedDelta(
            frame: frame, chunks: chunks.enumerated().map { .init(digest: Digest(of: [UInt8($0)]), size: $1) },
            prefix: [PrefixPart(digest: Digest(of: [5]), size: 300, generation: 1, source: try ReleasePath("old"), sourceOffset: 0)],
            inflation: inflation, maximumPrefix: maximumPrefix)
    }

    @Test func `streams are where their chunks are`() throws {
        let inflation = try #require(try inflation())
        #expect(inflation.content.map(\.start) == [100] && inflation.content.map(\.deflatedSize) == [2000])
        #expect(inflation.size == 2300 && inflation.prefixSize == 900)
        #expect(try self.inflation(prefix: [])?.prefixSize == 300, "a prefix of which nothing is inflated")
    }

    @Test func `streams that are not there, that overlap, or that are too much are none`() throws {
        #expect(try inflation([1..<5]) == nil)
        #expect(try inflation([1..<3, 2..<4]) == nil)
        #expect(try inflation(deflater: 1) == nil)
        #expect(try inflation(prefix: [0..<2]) == nil)
        #expect(try inflation(maximum: 2299) == nil)
        #expect(try inflation(maximum: 2300) != nil)
    }

    @Test func `a frame whose sizes contradict what is inflated is no offer`() throws {
        #expect(try offered(inflation()) != nil)
        #expect(try offered(inflation(size: 4999)) == nil)
        #expect(try offered(inflation([0..<1, 1..<3])) == nil)
        #expect(try offered(nil) == nil, "its plain bytes are not its chunks")
        #expect(try offered(inflation(), maximumPrefix: 899) == nil)
    }

    @Test func `a plan keeps what is inflated with its frame, and so does its rest`() throws {
        var planner = Planner()
        let plain = Frame(bundle: Digest(of: [9]), offset: 0, compressedSize: 2000, plainSize: 2300)
        var start: UInt32 = 0
        let entry = FileEntry(
            path: try ReleasePath("new"), kind: .file(isExecutable: false), size: 2300, digest: Digest(of: [1]),
            chunks: chunks.enumerated().map { index, size in
                defer { start += size }
                return Chunk(digest: Digest(of: [UInt8(index)]), size: size, frame: 0, start: start)
            })
        planner.want(entry, frames: [plain])
        planner.offer(try #require(try offered(inflation())))
        let plan = planner.plan(
            release: ReleaseIdentity(version: "2", sequence: 2, digest: Digest(of: [2])), base: nil,
            totals: ReleaseTotals(files: 1, bytes: 2300))
        let frame = try #require(plan.fetches.first?.frames.first)
        #expect(frame.inflation == 0 && frame.plainSize == 5300)
        #expect(try plan.inflations == [#require(try inflation())])
        #expect(plan.pieces.map(\.start) == [0, 100, 1100, 2100], "where they are when the member is deflated again")
        #expect(plan.cost.bytesOfDeltas == 50 && plan.cost.bytesFromDeltas == 2300)
        let rest = plan.droppingPresent { $0.fileOffset == 0 }
        #expect(rest.fetches[0].frames[0].inflation == 0 && rest.inflations == plan.inflations)
        let (fetches, _) = plan.fetches(replacing: plan.pieces)
        #expect(fetches.flatMap(\.frames).allSatisfy { $0.inflation == nil })
    }
}
