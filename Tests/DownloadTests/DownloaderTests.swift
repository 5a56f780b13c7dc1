import InstarContent
import InstarCryptography
import InstarDownload
import InstarManifest
import InstarPlan
import InstarTransfer
import Synchronization
import TestSupport
import Testing

@Suite struct DownloaderTests {
    /// A bundle of three frames, each of two chunks, and the fetches that want all of it.
    private let bundle: Bundle

    init() throws {
        bundle = try Bundle(frames: (0..<3).map { frame in (0..<2).map { sample(10_000 + 7 * $0, seed: UInt8(frame * 2 + $0)) } })
    }

    @Test func `every wanted chunk arrives whole, once`() throws {
        let bytes = bundle.bytes
        let server = try FaultyServer { FaultyServer.honest($0, bytes) }
        let received = try download(from: [server.url], bundle.fetch, bundle.pieces)
        #expect(received.sorted { $0.key < $1.key }.map(\.value) == bundle.chunks)
        #expect(server.requests.count == 1)
    }

    @Test func `frames that nobody wants are read over and not handed on`() throws {
        let bytes = bundle.bytes
        let server = try FaultyServer { FaultyServer.honest($0, bytes) }
        var fetch = bundle.fetch
        fetch.frames.remove(at: 1)
        let received = try download(from: [server.url], fetch, bundle.pieces)
        #expect(received.keys.sorted() == [0, 1, 4, 5])
        #expect(server.requests.count == 1)
    }

    @Test(arguments: ["one bit of a frame", "another frame in its place", "zeros"])
    func `wrong bytes of one mirror are replaced from another`(damage: String) throws {
        let bytes = bundle.bytes
        let second = Int(bundle.fetch.frames[1].offset)
        var wrong = bytes
        switch damage {
        case "one bit of a frame": wrong[second + 20] ^= 4
        case "another frame in its place": wrong.replaceSubrange(second..<second + 100, with: bytes[..<100])
        default: for index in second..<second + 50 { wrong[index] = 0 }
        }
        let damaged = wrong
        let liar = try FaultyServer { FaultyServer.honest($0, damaged) }
        let honest = try FaultyServer { FaultyServer.honest($0, bytes) }
        let received = try download(from: [liar.url, honest.url], bundle.fetch, bundle.pieces)
        #expect(received.sorted { $0.key < $1.key }.map(\.value) == bundle.chunks)
        #expect(!honest.requests.isEmpty)
    }

    @Test func `a chunk that no mirror has right ends the download with its bundle's name`() throws {
        var wrong = bundle.bytes
        wrong[30] ^= 1
        let damaged = wrong
        let server = try FaultyServer { FaultyServer.honest($0, damaged) }
        let error = #expect(throws: DownloadError.self) { try download(from: [server.url], bundle.fetch, bundle.pieces) }
        #expect(error?.bundle == bundle.digest)
        #expect(error?.description.contains("\(bundle.digest)") == true)
    }

    @Test func `a chunk whose place lies outside its frame is refused, not read`() throws {
        let bytes = bundle.bytes
        let server = try FaultyServer { FaultyServer.honest($0, bytes) }
        var pieces = bundle.pieces
        pieces[3].start = .max
        #expect(throws: DownloadError.self) { try download(from: [server.url], bundle.fetch, pieces) }
    }

    @Test func `a frame that claims gigabytes is refused before memory is taken`() throws {
        var fetch = bundle.fetch
        fetch.frames[0].plainSize = .max
        #expect(throws: DownloadError.self) { try download(from: ["http://127.0.0.1:9"], fetch, bundle.pieces) }
        fetch = bundle.fetch
        fetch.frames[0].compressedSize = .max
        #expect(throws: DownloadError.self) { try download(from: ["http://127.0.0.1:9"], fetch, bundle.pieces) }
    }

    @Test func `an error of the receiver ends the download and is thrown`() throws {
        struct DiskFull: Error {}
        let bytes = bundle.bytes
        let server = try FaultyServer { FaultyServer.honest($0, bytes) }
        let transfer = try Transfer(mirrors: [server.url])
        #expect(throws: DiskFull.self) {
            try Downloader(transfer: transfer).fetch([bundle.fetch], pieces: bundle.pieces) { _, _ in throw DiskFull() }
        }
    }

    @Test(arguments: [true, false])
    func `a frame of a delta is decoded with its prefix, or given back where that is not to be had`(isThere: Bool) throws {
        let old = sample(50_000, seed: 1)
        let new = old[..<20_000] + sample(100, seed: 2) + old[20_000...]
        var encoder = try FrameEncoder(level: 12)
        let frame = try encoder.encode(Array(new), prefix: old)
        let plain = try encoder.encode(sample(900, seed: 3))
        let bytes = frame + plain
        let server = try FaultyServer { FaultyServer.honest($0, bytes) }
        let pieces = [
            Piece(digest: Digest(of: Array(new[..<30_000])), size: 30_000, start: 0, file: 0, fileOffset: 0),
            Piece(digest: Digest(of: Array(new[30_000...])), size: 20_100, start: 30_000, file: 1, fileOffset: 0),
            Piece(digest: Digest(of: sample(900, seed: 3)), size: 900, start: 0, file: 2, fileOffset: 0),
        ]
        let fetch = Fetch(
            bundle: Digest(of: bytes), range: 0..<UInt64(bytes.count),
            frames: [
                PlannedFrame(offset: 0, compressedSize: UInt32(frame.count), plainSize: UInt32(new.count), pieces: 0..<2, prefix: 0..<1),
                PlannedFrame(offset: UInt64(frame.count), compressedSize: UInt32(plain.count), plainSize: 900, pieces: 2..<3),
            ])
        let received = Mutex<[UInt32: [UInt8]]>([:]), refused = Mutex(0)
        try Downloader(transfer: Transfer(mirrors: [server.url])).fetch(
            [fetch], pieces: pieces, prefixes: OldContent(bytes: old, isThere: isThere), refused: { _ in refused.withLock { $0 += 1 } }
        ) { piece, bytes in received.withLock { $0[piece.file] = Array(bytes) } }
        #expect(refused.withLock { $0 } == (isThere ? 0 : 1))
        #expect(received.withLock { $0.keys.sorted() } == (isThere ? [0, 1, 2] : [2]))
        if isThere { #expect(received.withLock { ($0[0] ?? []) + ($0[1] ?? []) } == Array(new)) }
    }

    @Test(arguments: [nil, 0, 17, 31])
    func `of a large frame of a delta every chunk is verified before one is handed on`(damaged: Int?) throws {
        // So large that every processor has a share of it.
        let old = sample(2 << 20, seed: 1), size = 64 << 10
        let chunks = (0..<32).map { Array(old[$0 * size..<($0 + 1) * size].reversed()) }
        var encoder = try FrameEncoder(level: 1)
        let frame = try encoder.encode(chunks.flatMap { $0 }, prefix: old)
        let server = try FaultyServer { FaultyServer.honest($0, frame) }
        let pieces = chunks.enumerated().map { number, chunk in
            Piece(
                digest: Digest(of: number == damaged ? [0] : chunk), size: UInt32(size), start: UInt32(number * size), file: UInt32(number),
                fileOffset: 0)
        }
        let planned = PlannedFrame(
            offset: 0, compressedSize: UInt32(frame.count), plainSize: UInt32(old.count), pieces: 0..<pieces.count, prefix: 0..<1)
        let fetch = Fetch(bundle: Digest(of: frame), range: 0..<UInt64(frame.count), frames: [planned])
        let received = Mutex<[UInt32: [UInt8]]>([:])
        let result = Result {
            try Downloader(transfer: Transfer(mirrors: [server.url])).fetch(
                [fetch], pieces: pieces, prefixes: OldContent(bytes: old, isThere: true)
            ) { piece, bytes in received.withLock { $0[piece.file] = Array(bytes) } }
        }
        if damaged == nil {
            try result.get()
            #expect(received.withLock { received in chunks.indices.allSatisfy { received[UInt32($0)] == chunks[$0] } })
        } else {
            #expect(throws: (any Error).self) { try result.get() }
            #expect(received.withLock { $0.isEmpty })
        }
    }

    private func download(from mirrors: [String], _ fetch: Fetch, _ pieces: [Piece]) throws -> [UInt32: [UInt8]] {
        var options = TransferOptions()
        options.firstBackoff = 0.01
        options.failuresInARow = 3
        let received = Mutex<[UInt32: [UInt8]]>([:])
        let transfer = try Transfer(mirrors: mirrors, options: options)
        try Downloader(transfer: transfer).fetch([fetch], pieces: pieces) { piece, bytes in
            received.withLock { $0[piece.file] = Array(bytes) }
        }
        return received.withLock { $0 }
    }
}

/// What a frame of a delta was compressed with.
private struct OldContent: PrefixSource {
    let bytes: [UInt8]
    let isThere: Bool

    func size(of prefix: Range<Int>) -> Int { bytes.count }

    func read(_ prefix: Range<Int>, into buffer: UnsafeMutableRawBufferPointer) -> Bool {
        buffer.copyBytes(from: bytes)
        return isThere
    }
}
