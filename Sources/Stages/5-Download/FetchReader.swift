internal import InstarContent
internal import InstarCryptography
internal import InstarManifest
internal import InstarPlan
internal import InstarTransfer

/// Reads the frames of one fetch from one stream, in order, and answers for every byte that it hands on.
struct FetchReader: ~Copyable {
    /// How often the same frame may come damaged before the download gives up. Each rejection lowers the mirror's score and
    /// goes on at another where there is one: a lying mirror costs little, a damaged repository ends soon.
    static let attempts = 4

    private let fetch: Fetch
    private let stream: TransferStream
    private let compressed: ByteBuffer
    private let plain: ByteBuffer
    private var decoder: FrameDecoder

    /// - Parameter pieces: what the frames' runs refer to.
    init(fetch: Fetch, pieces: [Piece], stream: TransferStream) throws {
        try FetchReader.check(fetch, pieces)
        decoder = try FrameDecoder()
        self.fetch = fetch
        self.stream = stream
        compressed = ByteBuffer(count: fetch.frames.map { Int($0.compressedSize) }.max() ?? 0)
        plain = ByteBuffer(count: fetch.frames.map { Int($0.plainSize) }.max() ?? 0)
    }

    /// Sizes come from a manifest: they are checked before memory is taken for them.
    private static func check(_ fetch: Fetch, _ pieces: [Piece]) throws(DownloadError) {
        for frame in fetch.frames {
            guard pieces[frame.pieces].allSatisfy({ UInt64($0.start) + UInt64($0.size) <= UInt64(frame.plainSize) }) else {
                throw DownloadError(bundle: fetch.bundle, offset: frame.offset, reason: "the manifest places a chunk outside its frame")
            }
            guard frame.plainSize <= FrameLimits.maximumPlainSize,
                frame.compressedSize <= FrameLimits.maximumCompressedSize(plain: frame.plainSize)
            else {
                throw DownloadError(bundle: fetch.bundle, offset: frame.offset, reason: "the manifest claims an impossible size for it")
            }
        }
    }

    /// Hands on every piece of every frame.
    mutating func readAll(pieces: [Piece], receive: (Piece, UnsafeRawBufferPointer) throws -> Void) throws {
        for frame in fetch.frames {
            let content = unsafe UnsafeRawBufferPointer(rebasing: plain.bytes[..<Int(frame.plainSize)])
            try readVerified(frame, pieces: pieces[frame.pieces])
            for piece in pieces[frame.pieces] {
                let bytes = unsafe UnsafeRawBufferPointer(rebasing: content[Int(piece.start)..<Int(piece.start) + Int(piece.size)])
                unsafe try receive(piece, bytes)
            }
        }
    }

    /// Reads one frame, again from elsewhere where what came is wrong, until all its pieces verify.
    private mutating func readVerified(_ frame: PlannedFrame, pieces: ArraySlice<Piece>) throws {
        var reason = ""
        for _ in 0..<FetchReader.attempts {
            try skip(to: frame.offset)
            let input = unsafe UnsafeMutableRawBufferPointer(rebasing: compressed.bytes[..<Int(frame.compressedSize)])
            let output = unsafe UnsafeMutableRawBufferPointer(rebasing: plain.bytes[..<Int(frame.plainSize)])
            guard unsafe try refill(input, isRetry: !reason.isEmpty) else { break }
            do throws(FrameError) {
                unsafe try decoder.decode(UnsafeRawBufferPointer(input), into: output)
                guard let wrong = unsafe firstDamaged(pieces, in: UnsafeRawBufferPointer(output)) else { return }
                reason = "chunk \(wrong.digest) is not what the manifest names"
            } catch { reason = error.description }
            stream.rejectBytes(from: frame.offset)
        }
        throw DownloadError(bundle: fetch.bundle, offset: frame.offset, reason: reason)
    }

    /// The first piece whose bytes do not have its digest. Pieces of the same chunk follow each other and are hashed once.
    private func firstDamaged(_ pieces: ArraySlice<Piece>, in content: UnsafeRawBufferPointer) -> Piece? {
        var verified: (start: UInt32, size: UInt32, digest: Digest)?
        for piece in pieces {
            if let verified, verified == (piece.start, piece.size, piece.digest) { continue }
            let end = Int(piece.start) + Int(piece.size)
            guard unsafe Digest(of: UnsafeRawBufferPointer(rebasing: content[Int(piece.start)..<end])) == piece.digest else { return piece }
            verified = (piece.start, piece.size, piece.digest)
        }
        return nil
    }

    /// Reads over bytes between frames that nobody wants.
    private func skip(to offset: UInt64) throws(TransferError) {
        while stream.position < offset {
            let gap = unsafe UnsafeMutableRawBufferPointer(rebasing: plain.bytes[..<min(plain.bytes.count, Int(offset - stream.position))])
            guard unsafe try stream.read(into: gap) > 0 else {
                throw TransferError(url: RepositoryLayout.bundle(fetch.bundle), fault: .interrupted("it ended early"))
            }
        }
    }

    /// Fills `target`; false where the transfer has given up because every mirror's bytes were rejected.
    private func refill(_ target: UnsafeMutableRawBufferPointer, isRetry: Bool) throws(TransferError) -> Bool {
        do throws(TransferError) {
            unsafe try fill(target)
            return true
        } catch {
            guard isRetry, error.kind == .wrongData else { throw error }
            return false
        }
    }

    private func fill(_ target: UnsafeMutableRawBufferPointer) throws(TransferError) {
        var filled = 0
        while filled < target.count {
            let count = unsafe try stream.read(into: UnsafeMutableRawBufferPointer(rebasing: target[filled...]))
            guard count > 0 else { throw TransferError(url: RepositoryLayout.bundle(fetch.bundle), fault: .interrupted("it ended early")) }
            filled += count
        }
    }
}
