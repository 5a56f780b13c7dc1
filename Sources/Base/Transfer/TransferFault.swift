/// Why one attempt to fetch something failed, or why the whole request did.
package enum TransferFault: Hashable, Sendable {
    /// The host name has no address.
    case unresolvable
    /// Nothing listens there, or there is no route.
    case unreachable(String)
    /// No connection, or no answer, in time.
    case timedOut
    /// The certificate, the pinned key or the handshake is not acceptable.
    case untrustedConnection(String)
    /// The connection broke before the announced end.
    case interrupted(String)
    /// Fewer bytes a second than `TransferLimits.minimumSpeed`.
    case stalled
    /// A status that is not success; `retryAfter` in seconds where the server gave one.
    case status(Int, retryAfter: Double? = nil)
    /// The whole object came in place of a range, and it is too large to read up to the range.
    case rangeIgnored
    /// A 206 with other bytes than were asked for.
    case wrongRange(String)
    /// The object has another length than the manifest, or the server's own earlier answer, says.
    case wrongLength(expected: UInt64, announced: UInt64)
    /// The object was replaced between two attempts.
    case changed
    /// A content encoding that nobody asked for.
    case encoded(String)
    /// An HTML page in place of a file: a sign-in page of the network, or an error page with a wrong status.
    case page
    /// More bytes than the caller allows.
    case tooLong(limit: UInt64)
    /// What came is not HTTP.
    case nonsense(String)
    /// Header bytes without end.
    case headTooLong
    /// A redirect that leads neither to https nor to this machine, or too many of them.
    case forbiddenRedirect(String)
    /// The consumer found that the bytes are not what they must be.
    case rejected
    /// The caller gave up.
    case cancelled
    /// The library refused an option or ran out of memory.
    case local(String)
    /// A base address or path that cannot be one.
    case invalidAddress(String)
}

extension TransferFault {
    /// What is worth trying after this fault at the mirror where it happened.
    package enum Verdict: Hashable, Sendable {
        /// It may pass: try again there after a pause.
        case retryLater
        /// The same mirror would answer the same: only another one helps.
        case notHere
        /// No mirror can help.
        case final
    }

    package var verdict: Verdict {
        switch self {
        case .unresolvable, .unreachable, .timedOut, .interrupted, .stalled, .changed, .rejected: .retryLater
        case .status(let code, _): code == 408 || code == 425 || code == 429 || code >= 500 ? .retryLater : .notHere
        case .untrustedConnection, .rangeIgnored, .wrongRange, .wrongLength, .encoded, .page, .tooLong, .nonsense, .headTooLong,
            .forbiddenRedirect:
            .notHere
        case .cancelled, .local, .invalidAddress: .final
        }
    }

    /// How much the mirror's score falls; 1 is an ordinary failure.
    package var penalty: Double {
        switch self {
        case .cancelled, .local, .invalidAddress: 0
        case .changed: 0.5
        case .rejected, .wrongRange, .wrongLength, .page, .encoded, .nonsense, .headTooLong: 3
        default: 1
        }
    }

    /// Who is to act, in the words of exit statuses.
    package var kind: TransferError.Kind {
        switch self {
        case .unresolvable, .unreachable, .timedOut, .interrupted, .stalled: .noServer
        case .status(let code, _): code == 408 || code == 425 || code == 429 || code >= 500 ? .noServer : .protocolViolation
        case .untrustedConnection, .rangeIgnored, .wrongRange, .encoded, .page, .nonsense, .headTooLong, .forbiddenRedirect, .local:
            .protocolViolation
        case .wrongLength, .tooLong, .changed, .rejected: .wrongData
        case .cancelled: .cancelled
        case .invalidAddress: .invalidAddress
        }
    }
}
