internal import InstarThreads

/// The loop's side of one stream: where it has come to and what it does next. Used by the loop's thread only.
final class Flow {
    let core: StreamCore
    var attempts: TransferAttempts
    /// The object's offset of the next byte wanted from the network.
    var offset: UInt64
    /// One past the last byte wanted, once it is known.
    var end: UInt64?
    /// `If-Range` values by mirror, learned from its first answer.
    var validators: [Int: String] = [:]
    /// The epoch of the consumer's buffer that this flow fills.
    var epoch = 0
    /// The request on the wire, if one is.
    var running: Attempt?
    /// Its request was ended because the consumer is slow; it goes on when there is room.
    var isShelved = false
    /// Not to be started before this time.
    var notBefore = 0.0
    var isEnded = false
    /// Where the bytes of the present run of progress began.
    var progressMark: UInt64

    var priority: TransferRequest.Priority { core.request.priority }

    init(_ core: StreamCore, mirrorCount: Int, options: TransferOptions) {
        self.core = core
        attempts = TransferAttempts(mirrorCount: mirrorCount, failureLimit: options.failuresInARow, firstBackoff: options.firstBackoff)
        offset = core.request.first
        progressMark = offset
        end = core.request.range?.upperBound ?? core.request.objectLength
    }

    /// What the next attempt at `mirror` asks for.
    func ask(_ mirror: Int, skipLimit: UInt64) -> AskedFor {
        let isRanged = core.request.range != nil || offset > 0
        return AskedFor(
            first: offset, end: end, isRanged: isRanged, validator: isRanged ? validators[mirror] : nil,
            objectLength: core.request.objectLength, limit: core.request.limit, skipLimit: skipLimit,
            allowsMissing: core.request.allowsMissing)
    }

    /// The header fields that say it.
    func fields(_ asked: AskedFor) -> [String] {
        guard asked.isRanged else { return ["Accept-Encoding: identity"] }
        let last = asked.end.map { String($0 - 1) } ?? ""
        let condition = asked.validator.map { ["If-Range: \($0)"] } ?? []
        return ["Accept-Encoding: identity", "Range: bytes=\(asked.first)-\(last)"] + condition
    }

    /// Tells the consumer how the stream ended.
    func tell(_ ending: StreamBuffer.Ending, epoch: Int) {
        core.buffer.withLock { $0.finish(ending, epoch: epoch) }
    }
}
