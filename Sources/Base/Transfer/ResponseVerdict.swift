/// What to do with the body of an answer, decided from its head alone.
package enum ResponseVerdict: Hashable, Sendable {
    /// The body is wanted, after `skip` bytes of it; it ends where the object's byte `end` would follow, if that is known.
    case accept(skip: UInt64, end: UInt64?)
    case redirect(String)
    /// 404 or 403 where the caller takes that for an answer.
    case missing(status: Int)
    case fault(TransferFault)
}

/// What was asked for in one attempt: enough to judge the answer.
package struct AskedFor: Hashable, Sendable {
    /// The first byte wanted.
    package var first: UInt64
    /// One past the last byte wanted; nil for "to the end".
    package var end: UInt64?
    /// Whether a `Range` field was sent.
    package var isRanged: Bool
    /// The value of the `If-Range` field that was sent, learned from an earlier answer of the same server.
    package var validator: String?
    /// Length of the whole object, from a manifest or an earlier answer.
    package var objectLength: UInt64?
    /// The most bytes of the object that are accepted.
    package var limit: UInt64
    /// The most bytes read in vain where a range is ignored.
    package var skipLimit: UInt64
    package var allowsMissing: Bool

    package init(
        first: UInt64 = 0, end: UInt64? = nil, isRanged: Bool = false, validator: String? = nil, objectLength: UInt64? = nil,
        limit: UInt64 = .max, skipLimit: UInt64 = TransferLimits.skippedBytes, allowsMissing: Bool = false
    ) {
        self.first = first
        self.end = end
        self.isRanged = isRanged
        self.validator = validator
        self.objectLength = objectLength
        self.limit = limit
        self.skipLimit = skipLimit
        self.allowsMissing = allowsMissing
    }

    /// Judges the head of the answer. Nothing in it is believed that can be checked against what is known.
    package func judge(_ head: ResponseHead) -> ResponseVerdict {
        switch head.status {
        case 200: isSuspicious(head).map { .fault($0) } ?? judgeWhole(head)
        case 206: isSuspicious(head).map { .fault($0) } ?? judgePart(head)
        case 301, 302, 303, 307, 308: head.location.map { .redirect($0) } ?? .fault(.status(head.status))
        case 404, 403: allowsMissing ? .missing(status: head.status) : .fault(.status(head.status))
        case 416:
            if let objectLength { .fault(.wrongLength(expected: objectLength, announced: first)) } else { .fault(.status(416)) }
        default: .fault(.status(head.status, retryAfter: head.retryAfter))
        }
    }

    /// Signs that a success is none: something between here and the server answered in its place, or changed the body.
    private func isSuspicious(_ head: ResponseHead) -> TransferFault? {
        if !head.contentEncoding.isEmpty, head.contentEncoding != "identity" { return .encoded(head.contentEncoding) }
        if head.contentType.hasPrefix("text/html") || head.contentType.hasPrefix("application/xhtml") { return .page }
        if head.contentType.hasPrefix("multipart/") { return .wrongRange("several parts") }
        return nil
    }

    private func judgeWhole(_ head: ResponseHead) -> ResponseVerdict {
        if let objectLength, let announced = head.contentLength, announced != objectLength {
            return .fault(validator != nil ? .changed : .wrongLength(expected: objectLength, announced: announced))
        }
        if let announced = head.contentLength, !isRanged, announced > limit { return .fault(.tooLong(limit: limit)) }
        // The server was told "this part if unchanged": the whole means that it changed.
        if validator != nil { return .fault(.changed) }
        guard isRanged, first > 0 else { return .accept(skip: 0, end: end ?? head.contentLength) }
        guard first <= skipLimit else { return .fault(.rangeIgnored) }
        return .accept(skip: first, end: end ?? head.contentLength)
    }

    private func judgePart(_ head: ResponseHead) -> ResponseVerdict {
        guard isRanged else { return .fault(.wrongRange("a part where the whole was asked for")) }
        guard let part = head.contentRange else {
            return .fault(.wrongRange(head.hasContentRange ? "an unreadable Content-Range" : "no Content-Range"))
        }
        if let objectLength, let announced = part.objectLength, announced != objectLength {
            return .fault(.wrongLength(expected: objectLength, announced: announced))
        }
        guard part.range.lowerBound == first, end.map({ part.range.upperBound <= $0 }) ?? true else {
            return .fault(.wrongRange("bytes \(part.range.lowerBound)-\(part.range.upperBound - 1)"))
        }
        // A server that does not know If-Range still says which version this part is of.
        if let validator, let present = head.validator, validator.hasPrefix("\"") == present.hasPrefix("\""), present != validator {
            return .fault(.changed)
        }
        if let length = head.contentLength, length != UInt64(part.range.count) {
            return .fault(.wrongRange("\(length) bytes announced for \(part.range.count)"))
        }
        return .accept(skip: 0, end: part.range.upperBound)
    }
}
