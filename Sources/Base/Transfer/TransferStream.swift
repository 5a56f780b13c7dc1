internal import InstarThreads

/// What the consumer's side and the loop's side of a stream share.
struct StreamCore: Sendable {
    let request: TransferRequest
    let identity: UInt64
    let buffer: Monitor<StreamBuffer>
}

/// The bytes of one request, pulled by its consumer. Reconnecting, resuming and changing mirrors happen behind it.
///
/// One consumer at a time calls `read` and `rejectBytes`; `cancel` may come from any thread.
package final class TransferStream: Sendable {
    private let core: StreamCore
    private let loop: TransferLoop

    init(_ request: TransferRequest, identity: UInt64, loop: TransferLoop) {
        core = StreamCore(request: request, identity: identity, buffer: Monitor(StreamBuffer(position: request.first)))
        self.loop = loop
        loop.post(.open(core))
    }

    deinit {
        loop.post(.cancel(core.identity))
    }

    /// Blocks until bytes are there and moves up to `target.count` of them; 0 at the end of the range.
    ///
    /// After an error the stream is over.
    package func read(into target: UnsafeMutableRawBufferPointer) throws(TransferError) -> Int {
        guard target.count > 0 else { return 0 }
        let outcome = core.buffer.wait(until: { $0.count > 0 || $0.ending != nil }) { buffer in
            unsafe (taken: buffer.take(into: target), ending: buffer.ending)
        }
        if outcome.taken.resumes { loop.post(.resume(core.identity)) }
        if outcome.taken.count == 0, case .failed(let error) = outcome.ending { throw error }
        return outcome.taken.count
    }

    /// Tells that the bytes from `offset` on are not what they must be. The mirrors that sent them lose score, and the
    /// stream goes on at `offset`, from another mirror where there is one. `offset` is one of the object's, not
    /// before the range and not beyond what was read.
    package func rejectBytes(from offset: UInt64) {
        let (blamed, epoch) = core.buffer.withLock { buffer in
            precondition(offset >= core.request.first && offset <= buffer.position, "an offset that was not delivered")
            return (buffer.restart(at: offset), buffer.epoch)
        }
        loop.post(.restart(core, offset: offset, epoch: epoch, blamed: blamed))
    }

    /// Tells that nothing is wanted from `end` on, which was not delivered yet; what of it is there already may still come.
    package func shorten(to end: UInt64) { loop.post(.shorten(core.identity, end: end)) }

    /// Ends the transfer; a waiting `read` throws `.cancelled`.
    package func cancel() {
        core.buffer.withLock { buffer in
            buffer.finish(.failed(TransferError(url: core.request.path, fault: .cancelled)), epoch: buffer.epoch)
        }
        loop.post(.cancel(core.identity))
    }

    /// The object's offset of the next byte that `read` gives.
    package var position: UInt64 { core.buffer.withLock { $0.position } }

    /// The object's offset of the next byte that has not come.
    package var reached: UInt64 { core.buffer.withLock { $0.position + UInt64($0.count) } }

    /// How a stream without bytes ended, for requests that allow a missing object.
    var missingStatus: Int? {
        core.buffer.withLock { buffer in
            if case .missing(let status) = buffer.ending { status } else { nil }
        }
    }

    /// The mirror that delivered the last bytes.
    var lastSource: Int { core.buffer.withLock { $0.lastSource } }
}
