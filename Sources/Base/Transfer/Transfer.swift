internal import InstarThreads
internal import Synchronization

/// Fetches objects and ranges of objects from mirrors of one repository, over one owned thread.
///
///     let transfer = try Transfer(mirrors: ["https://cdn.example/game"], options: TransferOptions())
///     let stream = transfer.open(TransferRequest(path: "bundles/ab/….bundle", range: 0..<4096))
///     while case let count = try stream.read(into: buffer), count > 0 { … }
///
/// Every method may be called from any thread. `get` and `TransferStream.read` block, so they belong on threads
/// of their own, never on Swift's cooperative pool. A stream that is open holds one of the parallel requests until
/// it is read to its end, cancelled or dropped.
package final class Transfer: Sendable {
    private let loop: TransferLoop
    private let mirrors: [MirrorAddress]
    private let options: TransferOptions
    private let lastIdentity = Atomic<UInt64>(0)

    /// `mirrors` are base addresses in the order of preference; every path below is relative to them. `observer` is
    /// called on the transfer's thread, at most ten times a second: it must return quickly.
    package init(
        mirrors: [String], options: TransferOptions = TransferOptions(), observer: (@Sendable (TransferStatistics) -> Void)? = nil
    ) throws(TransferError) {
        guard !mirrors.isEmpty else { throw TransferError(url: "", fault: .invalidAddress("no address was given")) }
        guard options.proxy.isUsable else {
            throw TransferError(url: "", fault: .invalidAddress("a proxy is http://HOST:PORT, https://… or socks5h://…"))
        }
        var addresses: [MirrorAddress] = []
        for mirror in mirrors { addresses.append(try MirrorAddress(mirror)) }
        self.mirrors = addresses
        self.options = options
        loop = try TransferLoop(mirrors: addresses, options: options, observer: observer)
    }

    deinit {
        loop.stop()
    }

    /// The whole of a small object, at most `limit` bytes. 404 and 403 are answers where `allowsMissing`, else errors.
    package func get(_ path: String, limit: Int, allowsMissing: Bool = false, isEscaped: Bool = false) throws(TransferError)
        -> TransferAnswer
    {
        let stream = open(
            TransferRequest(path: path, isEscaped: isEscaped, limit: UInt64(limit), priority: .metadata, allowsMissing: allowsMissing))
        var body: [UInt8] = []
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 16)
        defer { unsafe piece.deallocate() }
        while case let count = unsafe try stream.read(into: piece), count > 0 {
            unsafe body.append(contentsOf: UnsafeRawBufferPointer(rebasing: piece[..<count]))
        }
        if let status = stream.missingStatus { return .missing(status: status) }
        return .found(body, mirror: stream.lastSource)
    }

    /// Tells that an answer of `get` was not what the signed metadata says; its mirror loses score.
    package func reject(_ answer: TransferAnswer) {
        if case .found(_, let mirror) = answer { loop.post(.blame(mirror: mirror)) }
    }

    /// One request as a stream of bytes that the caller pulls.
    package func open(_ request: TransferRequest) -> TransferStream {
        let identity = lastIdentity.add(1, ordering: .relaxed).newValue
        return TransferStream(request, identity: identity, loop: loop)
    }

    /// Stops reading at once and closes the connections soon after; streams wait.
    package func pause() { loop.post(.setPaused(true)) }

    /// Goes on where `pause` stopped.
    package func resume() { loop.post(.setPaused(false)) }

    /// Sets or removes the limit over all streams, in bytes a second.
    package func limitRate(_ bytesPerSecond: UInt64?) { loop.post(.setRate(bytesPerSecond)) }

    /// How many requests may share what was planned for fewer, in the end; 0 in the polite modes.
    package var mostSharedRanges: Int { options.mode == .foreground ? options.effectiveParallelRequests : 0 }

    /// Whether a range that comes slowly may be shared now. Under a limit or a pause it is the user who makes it slow.
    package var mayShareRanges: Bool {
        mostSharedRanges > 0 && loop.report.reading { !$0.statistics.isPaused && !$0.statistics.isLimited }
    }

    /// Says how many body bytes are to come in all and how many the plan saved, for progress events.
    package func expect(bytes: UInt64?, saved: UInt64 = 0) { loop.post(.expect(bytes: bytes, saved: saved)) }

    /// Ends every stream; reads throw `.cancelled`. New streams can be opened.
    package func cancelAll() { loop.post(.cancelAll) }

    /// Ends every stream and the thread, and waits for it.
    package func stop() { loop.stop() }

    /// What was done so far.
    package var statistics: TransferStatistics { loop.report.withLock { $0.statistics } }

    /// What is known of the mirrors, to be kept for the next run.
    package var scores: MirrorScores { loop.report.withLock { $0.scores } }
}
