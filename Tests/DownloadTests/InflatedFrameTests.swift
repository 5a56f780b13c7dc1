import InstarContent
import InstarCryptography
import InstarDownload
import InstarManifest
import InstarPlan
import InstarTransfer
import Synchronization
import TestSupport
import Testing

@Suite struct InflatedFrameTests {
    /// A header, a member and what follows it, of an archive of which the member changed.
    private struct Sample {
        static let header = Array("header of a member".utf8), trailer = Array("the next header".utf8)
        var old = script(60_000, seed: 1), new = script(60_000, seed: 1, version: 2)
        var parameters: DeflateParameters
        /// What is in the old release, chunk by chunk.
        var parts: [[UInt8]]
        var inflation: DeltaInflation
        var frame: [UInt8]
        var chunks: [[UInt8]]

        init(level: Int = 6) throws {
            parameters = try #require(DeflateParameters(level: level))
            var deflater = try Deflater(parameters)
            let before = try #require(deflater.deflate(old, limit: 60_000) as [UInt8]?)
            let after = try #require(deflater.deflate(new, limit: 60_000) as [UInt8]?)
            parts = [Self.header, Array(before[..<5000]), Array(before[5000...]), Self.trailer]
            chunks = [Self.header, Array(after[..<7000]), Array(after[7000...]), Self.trailer]
            inflation = DeltaInflation(
                prefix: [1..<3], prefixSize: UInt32(Self.header.count + old.count + Self.trailer.count),
                content: [.init(chunks: 1..<3, size: UInt32(new.count), deflater: 0)])
            var encoder = try FrameEncoder(level: 12)
            frame = try encoder.encode(
                Self.header + new + Self.trailer, prefix: Self.header + old + Self.trailer, isChecked: true)
        }

        var plainSize: Int { Self.header.count + new.count + Self.trailer.count }

        /// What comes of it: the chunks, or nothing where the frame was refused.
        func received(
            _ inflation: DeltaInflation? = nil, _ parameters: DeflateParameters? = nil, prefix: [[UInt8]]? = nil, frame: [UInt8]? = nil
        ) throws -> [[UInt8]]? {
            let bytes = frame ?? self.frame
            let server = try FaultyServer { FaultyServer.honest($0, bytes) }
            var pieces: [Piece] = [], start: UInt32 = 0
            for (index, chunk) in chunks.enumerated() {
                pieces.append(
                    Piece(digest: Digest(of: chunk), size: UInt32(chunk.count), start: start, file: UInt32(index), fileOffset: 0))
                start += UInt32(chunk.count)
            }
            let local = Parts(parts: prefix ?? parts)
            let inflated = try #require(
                FrameInflation(
                    inflation ?? self.inflation, of: chunks.map { UInt32($0.count) }, prefix: local.parts.map { UInt32($0.count) },
                    deflaters: [DeltaDeflater(parameters: parameters ?? self.parameters, mark: 0)],
                    maximumSize: FrameLimits.maximumPlainSize))
            let planned = PlannedFrame(
                offset: 0, compressedSize: UInt32(bytes.count), plainSize: UInt32(plainSize), pieces: 0..<pieces.count,
                prefix: 0..<local.parts.count, inflation: 0)
            let fetch = Fetch(bundle: Digest(of: bytes), range: 0..<UInt64(bytes.count), frames: [planned])
            var options = TransferOptions()
            options.firstBackoff = 0.01
            options.failuresInARow = 3
            let received = Mutex<[UInt32: [UInt8]]>([:]), refused = Mutex(0)
            try Downloader(transfer: Transfer(mirrors: [server.url], options: options)).fetch(
                [fetch], pieces: pieces, prefixes: local, inflations: [inflated], refused: { _ in refused.withLock { $0 += 1 } }
            ) { piece, bytes in received.withLock { $0[piece.file] = Array(bytes) } }
            let all = received.withLock { $0.sorted { $0.key < $1.key }.map(\.value) }
            #expect(refused.withLock { $0 } == (all.isEmpty ? 1 : 0), "all of a frame or nothing")
            return all.isEmpty ? nil : all
        }
    }

    @Test(arguments: [1, 6, 9])
    func `a member comes deflated as it was`(level: Int) throws {
        let sample = try Sample(level: level)
        #expect(sample.frame.count < 5000)
        let isSame = try sample.received() == sample.chunks
        #expect(isSame)
    }

    @Test func `a member that this zlib deflates to other bytes is refused`() throws {
        let sample = try Sample(level: 6)
        for level in [1, 5, 9] { #expect(try sample.received(nil, DeflateParameters(level: level)) == nil) }
        #expect(try sample.received(nil, DeflateParameters(level: 6, strategy: 3)) == nil)
        #expect(try sample.received(nil, DeflateParameters(level: 6, windowBits: 9)) == nil)
    }

    @Test func `old content that holds more than the index says is refused, whatever it would grow to`() throws {
        let sample = try Sample()
        var bomb = try Deflater(sample.parameters)
        let zeros = try #require(bomb.deflate([UInt8](repeating: 0, count: 32 << 20), limit: 1 << 20) as [UInt8]?)
        var inflation = sample.inflation
        inflation.prefix = [1..<2]
        #expect(try sample.received(inflation, prefix: [Sample.header, zeros, Sample.trailer]) == nil)
        inflation.prefixSize = FrameLimits.maximumPrefixSize
        #expect(try sample.received(inflation, prefix: [Sample.header, zeros, Sample.trailer]) == nil)
    }

    @Test func `old content that is no deflate stream, or not all of one, is refused`() throws {
        let sample = try Sample()
        var inflation = sample.inflation
        for streams in [[0..<1], [1..<2], [2..<3], [1..<4], [0..<3], [1..<3, 3..<4]] {
            inflation.prefix = streams
            #expect(try sample.received(inflation) == nil, "\(streams)")
        }
    }

    @Test func `a prefix of another size than the index says is refused`() throws {
        let sample = try Sample()
        for change in [-60_000, -1, 1, 10_000] {
            var inflation = sample.inflation
            inflation.prefixSize = UInt32(Int(inflation.prefixSize) + change)
            #expect(try sample.received(inflation) == nil, "\(change)")
        }
    }

    @Test func `old content that was damaged is refused`() throws {
        let sample = try Sample()
        var parts = sample.parts
        parts[2][100] ^= 1
        // The member may inflate all the same; then the frame's check sum tells that the prefix was another.
        do { #expect(try sample.received(prefix: parts) == nil) } catch is DownloadError {}
    }

    @Test func `a frame that a mirror damaged is the mirror's fault, not this zlib's`() throws {
        let sample = try Sample()
        for position in [sample.frame.count / 2, sample.frame.count - 6, sample.frame.count - 1] {
            var damaged = sample.frame
            damaged[position] ^= 1
            #expect(throws: DownloadError.self) { try sample.received(frame: damaged) }
        }
    }
}

/// Old content, chunk by chunk.
private struct Parts: PrefixSource {
    let parts: [[UInt8]]

    func size(of prefix: Range<Int>) -> Int { parts[prefix].reduce(0) { $0 + $1.count } }

    func read(_ prefix: Range<Int>, into buffer: UnsafeMutableRawBufferPointer) -> Bool {
        buffer.copyBytes(from: parts[prefix].joined())
        return true
    }
}
