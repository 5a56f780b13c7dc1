import InstarContent
import InstarCryptography
import InstarManifest
import Testing

struct DeltaInflationTests {
    private static let frame = Frame(bundle: Digest(of: [1]), offset: 16, compressedSize: 500, plainSize: 5000)

    private static func deflater(_ level: Int, memory: Int = 8) throws -> DeltaDeflater {
        DeltaDeflater(parameters: try #require(DeflateParameters(level: level, memory: memory)), mark: 0x0102_0304_0506_0708)
    }

    /// Four frames: with both, with nothing, with a prefix alone, with content alone.
    private static func index() throws -> DeltaIndex {
        let both = DeltaInflation(
            prefix: [1..<2, 3..<5], prefixSize: 90_000,
            content: [.init(chunks: 1..<3, size: 70_000, deflater: 0), .init(chunks: 4..<5, size: 900, deflater: 1)])
        return DeltaIndex(
            parts: [
                .init(frame: frame, chunks: [0..<5], prefix: [2..<7], inflation: both),
                .init(frame: frame, chunks: [8..<9], prefix: []),
                .init(frame: frame, chunks: [9..<10], prefix: [9..<10], inflation: .init(prefix: [0..<1], prefixSize: 7, content: [])),
                .init(
                    frame: frame, chunks: [10..<12], prefix: [1..<2],
                    inflation: .init(prefix: [], prefixSize: 0, content: [.init(chunks: 0..<2, size: 1, deflater: 1)])),
            ], deflaters: [try deflater(6), try deflater(9, memory: 9)])
    }

    @Test func `what is inflated is read as it was written`() throws {
        let index = try Self.index()
        #expect(try DeltaIndex(decoding: index.encoded()) == index)
    }

    @Test func `an index is written as in the golden table`() throws {
        let index = DeltaIndex(
            parts: [
                .init(
                    frame: Self.frame, chunks: [0..<3], prefix: [4..<7],
                    inflation: .init(prefix: [1..<2], prefixSize: 300, content: [.init(chunks: 1..<3, size: 150, deflater: 0)]))
            ], deflaters: [try Self.deflater(6)])
        let golden =
            // No prefix of pages; the frame; its chunks 0..<3; its prefix 4..<7.
            "12001a300a204bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a1201001a01202202f4032a028827"
            + "2201012a060a0100120103" + "3201013a060a0108120103"
            // A stream of one chunk behind one in the prefix, which has 300 bytes then; one of two behind one in the frame.
            + "42090a01011201011a01014a02ac02" + "52090a01011201011a0102"
            // Its 150 bytes, its deflater, and that.
            + "5a029601" + "620100" + "6a0f08061008200f290807060504030201"
        #expect(index.encoded().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() == golden)
    }

    @Test func `random damage of an index never traps, and what is read is written as the same again`() throws {
        let bytes = try Self.index().encoded()
        var generator = SystemRandomNumberGenerator()
        var refused = 0
        for _ in 0..<6000 {
            var damaged = bytes
            for _ in 0...Int.random(in: 0..<3, using: &generator) {
                damaged[Int.random(in: damaged.indices, using: &generator)] = UInt8.random(in: .min ... .max, using: &generator)
            }
            do {
                let index = try DeltaIndex(decoding: damaged)
                #expect(try DeltaIndex(decoding: index.encoded()) == index)
            } catch { refused += 1 }
        }
        #expect(refused > 1000)
    }

    /// Indexes that no publisher writes, by their flaw.
    enum Flaw: String, CaseIterable {
        case streamBehindTheLastChunk, streamBehindTheLastChunkOfThePrefix, emptyStream, fewerFramesThanCounts, moreFramesThanCounts
        case gapWithoutLength, lengthWithoutGap, countWithoutStream
        case streamWithoutSize, streamWithoutDeflater, deflaterThatIsNotThere, streamOfNoBytes, streamLargerThanAnyFrame
        case prefixWithoutSize, sizeWithoutPrefix, prefixOfNoBytes, prefixLargerThanAny
        case levelZero, levelTen, memoryZero, strategyFive, windowOfEightBits, windowOfSixteenBits, moreDeflatersThanAnybodyNeeds
    }

    @Test(arguments: Flaw.allCases)
    func `is refused:`(flaw: Flaw) throws {
        #expect(throws: ManifestError.self) { try DeltaIndex(decoding: Self.bytes(with: flaw)) }
    }

    @Test func `without a flaw it is not refused`() throws {
        let index = try DeltaIndex(decoding: Self.bytes(with: nil))
        #expect(index.parts.map { $0.inflation?.content.count } == [1, 0])
        #expect(index.parts.map { $0.inflation?.prefix.count } == [1, 1])
    }

    /// Two frames of two chunks, each with a prefix of two; the prefixes and the first frame have a stream.
    private static func bytes(with flaw: Flaw?) throws -> [UInt8] {
        let part = DeltaIndex.Part(frame: frame, chunks: [0..<2], prefix: [0..<2])
        var bytes = DeltaIndex(parts: [part, part]).encoded()
        var base = (counts: [1, 1], gaps: [0, 1], lengths: [1, 1]), content = (counts: [1, 0], gaps: [1], lengths: [1])
        var prefixSizes = [300, 400], sizes = [500], deflaters = [0]
        var parameters = [(level: 6, memory: 8, strategy: 0, bits: 15)]
        switch flaw {
        case .streamBehindTheLastChunk: content.gaps = [2]
        case .streamBehindTheLastChunkOfThePrefix: base.lengths[1] = 2
        case .emptyStream: content.lengths = [0]
        case .fewerFramesThanCounts: content.counts = [1, 0, 0]
        case .moreFramesThanCounts: content.counts = [1]
        case .gapWithoutLength: content.gaps = [0, 1]
        case .lengthWithoutGap: content.lengths = [1, 1]
        case .countWithoutStream: content.counts = [1, 1]
        case .streamWithoutSize: sizes = []
        case .streamWithoutDeflater: deflaters = []
        case .deflaterThatIsNotThere: deflaters = [1]
        case .streamOfNoBytes: sizes = [0]
        case .streamLargerThanAnyFrame: sizes = [Int(FrameLimits.maximumPlainSize) + 1]
        case .prefixWithoutSize: prefixSizes = [300]
        case .sizeWithoutPrefix: prefixSizes = [300, 400, 500]
        case .prefixOfNoBytes: prefixSizes[0] = 0
        case .prefixLargerThanAny: prefixSizes[0] = Int(FrameLimits.maximumPrefixSize) + 1
        case .levelZero: parameters[0].level = 0
        case .levelTen: parameters[0].level = 10
        case .memoryZero: parameters[0].memory = 0
        case .strategyFive: parameters[0].strategy = 5
        case .windowOfEightBits: parameters[0].bits = 8
        case .windowOfSixteenBits: parameters[0].bits = 16
        case .moreDeflatersThanAnybodyNeeds: parameters += Array(repeating: parameters[0], count: DeltaLimits.maximumDeflaters)
        case nil: break
        }
        bytes += field(8, streams(base)) + field(9, packed(prefixSizes)) + field(10, streams(content))
        bytes += field(11, packed(sizes)) + field(12, packed(deflaters))
        for one in parameters {
            let numbers = [one.level, one.memory, one.strategy, one.bits]
            bytes += field(13, numbers.enumerated().flatMap { [UInt8($0 + 1) << 3] + varint($1) })
        }
        return bytes
    }

    private static func streams(_ streams: (counts: [Int], gaps: [Int], lengths: [Int])) -> [UInt8] {
        field(1, packed(streams.counts)) + field(2, packed(streams.gaps)) + field(3, packed(streams.lengths))
    }

    private static func packed(_ numbers: [Int]) -> [UInt8] { numbers.flatMap(varint) }

    private static func varint(_ number: Int) -> [UInt8] {
        var bytes: [UInt8] = [], rest = number
        while rest > 127 {
            bytes.append(UInt8(rest & 127) | 128)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }

    private static func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
        bytes.isEmpty ? [] : [number << 3 | 2] + varint(bytes.count) + bytes
    }
}
