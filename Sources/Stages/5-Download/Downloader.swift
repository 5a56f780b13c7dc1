package import InstarPlan
internal import InstarThreads
package import InstarTransfer

/// Carries out the fetches of a plan: several ranges at once, each frame decompressed and each chunk verified before
/// anybody sees it, with memory bounded whatever the frames are (`FrameMemory`).
///
/// Each worker pulls one range at a time, so a slow receiver slows the workers, the workers leave the transfer's buffers
/// full, and full buffers pause the sockets. Where the line is what slows them, more workers take parts of their ranges
/// (`RangeSharing`).
package struct Downloader: Sendable {
    private let transfer: Transfer
    /// Ranges that are read at the same time where they come fast, if there is memory for so many.
    private let width: Int

    package init(transfer: Transfer, width: Int = 8) {
        self.transfer = transfer
        self.width = max(1, width)
    }

    /// Fetches all of `fetches` and hands every verified piece to `receive`, on several threads at once and in no order.
    ///
    /// - Parameters:
    ///   - pieces: what the frames' runs refer to.
    ///   - prefixes: local content for the frames of deltas; without it there must be none.
    ///   - inflations: what frames of deltas hold inflated.
    ///   - refused: gets the frames of deltas whose local content is not what it should be, or that this machine's zlib does
    ///     not deflate to what it should, on several threads at once.
    ///   - receive: gets a piece and its plain bytes, which are valid during the call only. What it throws ends the download.
    /// - Throws: `TransferError` where the way is broken, `DownloadError` where what came is wrong, or what `receive` throws.
    package func fetch(
        _ fetches: [Fetch], pieces: [Piece], priority: TransferRequest.Priority = .asset, prefixes: (any PrefixSource)? = nil,
        inflations: [FrameInflation] = [], refused: @Sendable (PlannedFrame) -> Void = { _ in },
        receive: @Sendable (Piece, UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let deltas = prefixes.map { DeltaDecoding($0, inflations) }
        for fetch in fetches { try FetchReader.check(fetch, pieces, deltas) }
        let memory = FrameMemory(besideDeltas: deltas != nil)
        try readAll(fetches, priority, memory, deltas) { reader in
            unsafe try reader.readAll(pieces: pieces, refused: refused, receive: receive)
        }
    }

    /// Fetches frames of deltas and hands them on as they come, on several threads at once and in no order.
    ///
    /// - Parameters:
    ///   - check: says what is wrong with the compressed bytes of a frame, which are then asked for again elsewhere.
    ///   - receive: gets a frame and its compressed bytes, which are valid during the call only.
    package func fetchCompressed(
        _ fetches: [Fetch], priority: TransferRequest.Priority = .asset, check: @Sendable (PlannedFrame, UnsafeRawBufferPointer) -> String?,
        receive: @Sendable (PlannedFrame, UnsafeRawBufferPointer) throws -> Void
    ) throws {
        for fetch in fetches { try FetchReader.check(fetch, [], nil) }
        try readAll(fetches, priority, FrameMemory(besideDeltas: true), nil) { reader in
            unsafe try reader.readCompressed(check: check, receive: receive)
        }
    }

    /// Asks for all ranges and reads them. No request is sent before there is room for what comes: a stream that waits would be ended
    /// and asked for again.
    private func readAll(
        _ fetches: [Fetch], _ priority: TransferRequest.Priority, _ memory: FrameMemory, _ deltas: DeltaDecoding?,
        _ body: @Sendable (borrowing FetchReader) throws -> Void
    ) throws {
        let most = max(width, transfer.mostSharedRanges)
        let board = RangeBoard(
            fetches, width: RangeSharing.Width(planned: width, most: most, memory: memory.compressedBytes), over: transfer, priority)
        // No range is read by more than it has frames.
        let readers = min(most, most > width ? fetches.reduce(0) { $0 + $1.frames.count } : fetches.count)
        try Workers.forEach(count: readers, width: readers) { _ in
            do {
                while let lot = board.next() {
                    defer { board.ended(lot) }
                    try body(FetchReader(lot, board: board, memory: memory, deltas: deltas))
                }
            } catch {
                board.fail()
                throw error
            }
        }
    }
}
