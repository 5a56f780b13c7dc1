internal import InstarContent
internal import InstarCryptography
internal import InstarManifest
internal import InstarPlan
internal import InstarTransfer

/// Reads the frames of one range from one stream, in order, and answers for every byte that it hands on. The last ones may be taken
/// away from it as long as it has not begun them.
struct FetchReader: ~Copyable {
    /// How often the same frame may come damaged before the download gives up. Each rejection lowers the mirror's score and
    /// goes on at another where there is one: a lying mirror costs little, a damaged repository ends soon.
    static let attempts = 4

    private let lot: RangeSharing.Lot
    private let board: RangeBoard
    private let reading: RangeReading
    /// Gaps are read into it, too.
    private let compressed: ByteBuffer
    private let memory: FrameMemory
    private let deltas: DeltaDecoding?

    private var bundle: Digest { lot.fetch.bundle }
    private var stream: TransferStream { reading.stream }

    /// Asks for the range.
    init(_ lot: RangeSharing.Lot, board: RangeBoard, memory: FrameMemory, deltas: DeltaDecoding?) {
        self.lot = lot
        self.board = board
        self.memory = memory
        self.deltas = deltas
        reading = board.open(lot)
        compressed = ByteBuffer(count: lot.bufferSize)
    }

    /// Sizes come from a manifest: they are checked before anything is asked for or taken for them.
    static func check(_ fetch: Fetch, _ pieces: [Piece], _ deltas: DeltaDecoding?) throws(DownloadError) {
        for frame in fetch.frames {
            let size = deltas?.inflation(of: frame)?.size ?? frame.plainSize
            guard pieces[frame.pieces].allSatisfy({ UInt64($0.start) + UInt64($0.size) <= UInt64(size) }) else {
                throw DownloadError(bundle: fetch.bundle, offset: frame.offset, reason: "the manifest places a chunk outside its frame")
            }
            guard frame.offset >= fetch.range.lowerBound, UInt64(frame.compressedSize) <= fetch.range.upperBound,
                frame.offset <= fetch.range.upperBound - UInt64(frame.compressedSize),
                max(size, frame.plainSize) <= FrameLimits.maximumPlainSize,
                frame.compressedSize <= FrameLimits.maximumCompressedSize(plain: frame.plainSize)
            else {
                throw DownloadError(bundle: fetch.bundle, offset: frame.offset, reason: "the manifest claims an impossible size for it")
            }
        }
    }

    /// Hands on every piece of every frame, but for those of deltas that it gives back to `refused`.
    func readAll(
        pieces: [Piece], refused: (PlannedFrame) -> Void, receive: @Sendable (Piece, UnsafeRawBufferPointer) throws -> Void
    ) throws {
        while let frame = board.nextFrame(of: lot) {
            if let prefix = frame.prefix {
                guard unsafe try readDelta(frame, prefix, pieces: pieces[frame.pieces], receive: receive) else {
                    refused(frame)
                    continue
                }
            } else {
                unsafe try readPlain(frame, pieces: pieces[frame.pieces], receive: receive)
            }
        }
    }

    /// Hands on every frame as it came, once `check` finds nothing wrong with it.
    func readCompressed(
        check: (PlannedFrame, UnsafeRawBufferPointer) -> String?, receive: (PlannedFrame, UnsafeRawBufferPointer) throws -> Void
    ) throws {
        while let frame = board.nextFrame(of: lot) {
            try unsafe attempt(frame) { input in
                if let wrong = unsafe check(frame, input) { return wrong }
                unsafe try receive(frame, input)
                return nil
            }
        }
    }

    /// Reads one frame that needs nothing else, and hands its pieces on.
    private func readPlain(
        _ frame: PlannedFrame, pieces: ArraySlice<Piece>, receive: (Piece, UnsafeRawBufferPointer) throws -> Void
    ) throws {
        try unsafe attempt(frame) { input in
            try memory.workspaces.withOne { workspace in unsafe try workspace.decode(input, frame, pieces, receive) }
        }
    }

    /// Reads one frame of a delta and hands its pieces on; false where this machine cannot make them of it.
    private func readDelta(
        _ frame: PlannedFrame, _ prefix: Range<Int>, pieces: ArraySlice<Piece>,
        receive: @Sendable (Piece, UnsafeRawBufferPointer) throws -> Void
    ) throws -> Bool {
        guard let deltas else { return false }
        var isRefused = false
        try unsafe attempt(frame) { input in
            switch unsafe try deltas.decode(input, frame, prefix: prefix, pieces: pieces, receive: receive) {
            case .done: return nil
            case .refused:
                isRefused = true
                return nil
            case .damaged(let reason): return reason
            }
        }
        return !isRefused
    }

    /// Reads the compressed bytes of one frame, again from elsewhere where `body` says what is wrong with them.
    private func attempt(_ frame: PlannedFrame, _ body: (UnsafeRawBufferPointer) throws -> String?) throws {
        var reason = ""
        for _ in 0..<FetchReader.attempts {
            try skip(to: frame.offset)
            let input = unsafe UnsafeMutableRawBufferPointer(rebasing: compressed.bytes[..<Int(frame.compressedSize)])
            guard unsafe try refill(input, isRetry: !reason.isEmpty) else { break }
            guard let wrong = unsafe try body(UnsafeRawBufferPointer(input)) else { return }
            reason = wrong
            stream.rejectBytes(from: frame.offset)
        }
        throw DownloadError(bundle: bundle, offset: frame.offset, reason: reason)
    }

    /// Reads over bytes between frames that nobody wants.
    private func skip(to offset: UInt64) throws(TransferError) {
        while stream.position < offset {
            let count = unsafe min(compressed.bytes.count, Int(offset - stream.position))
            let gap = unsafe UnsafeMutableRawBufferPointer(rebasing: compressed.bytes[..<count])
            guard unsafe try reading.read(into: gap) > 0 else {
                throw TransferError(url: RepositoryLayout.bundle(bundle), fault: .interrupted("it ended early"))
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
            let count = unsafe try reading.read(into: UnsafeMutableRawBufferPointer(rebasing: target[filled...]))
            guard count > 0 else { throw TransferError(url: RepositoryLayout.bundle(bundle), fault: .interrupted("it ended early")) }
            filled += count
        }
    }
}

extension FrameMemory.Workspace {
    /// Decompresses a frame and, where all of `pieces` verify, hands them on; else says what is wrong.
    fileprivate func decode(
        _ compressed: UnsafeRawBufferPointer, _ frame: PlannedFrame, _ pieces: ArraySlice<Piece>,
        _ receive: (Piece, UnsafeRawBufferPointer) throws -> Void
    ) throws -> String? {
        plain.grow(to: Int(frame.plainSize))
        let output = unsafe UnsafeMutableRawBufferPointer(rebasing: plain.bytes[..<Int(frame.plainSize)])
        do throws(FrameError) { unsafe try decoder.decode(compressed, into: output) } catch { return error.description }
        let content = UnsafeRawBufferPointer(output)
        if let wrong = unsafe pieces.firstDamaged(in: content) { return "chunk \(wrong.digest) is not what the manifest names" }
        unsafe try pieces.handOn(from: content, to: receive)
        return nil
    }
}
