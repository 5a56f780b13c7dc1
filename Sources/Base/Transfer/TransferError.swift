/// A request that failed for good: at which address, what happened, and what to do about it.
package struct TransferError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What a caller does differently for different failures.
    package enum Kind: Hashable, Sendable {
        /// Nobody answers, or only "not now". A later run may succeed.
        case noServer
        /// Somebody answers, but not as HTTP and this repository's layout require.
        case protocolViolation
        /// The bytes are not the right ones.
        case wrongData
        /// The caller ended it.
        case cancelled
        /// The address itself is not usable.
        case invalidAddress
    }

    /// The address, without user name and password.
    package var url: String
    package var fault: TransferFault

    package init(url: String, fault: TransferFault) {
        self.url = url
        self.fault = fault
    }

    package var kind: Kind { fault.kind }

    package var description: String { "\(url): \(fault.explanation); \(fault.remedy)" }
}

extension TransferFault {
    /// What happened, as the middle of a sentence.
    package var explanation: String {
        switch self {
        case .unresolvable: "the host name has no address"
        case .unreachable(let detail): "cannot connect (\(detail))"
        case .timedOut: "no answer in time"
        case .untrustedConnection(let detail): "the secure connection is not acceptable (\(detail))"
        case .interrupted(let detail): "the connection broke (\(detail))"
        case .stalled: "fewer than \(TransferLimits.minimumSpeed) bytes a second arrived"
        case .status(let code, _): "the server answered \(code)"
        case .rangeIgnored: "the server ignores byte ranges and the object is too large to skip through"
        case .wrongRange(let detail): "the server sent other bytes than were asked for (\(detail))"
        case .wrongLength(let expected, let announced): "the object should have \(expected) bytes and the server says \(announced)"
        case .changed: "the object changed while it was read"
        case .encoded(let coding): "the server sent the content encoded as \(coding)"
        case .page: "an HTML page came in place of the file"
        case .tooLong(let limit): "more than \(limit) bytes came"
        case .nonsense(let detail): "the server does not speak HTTP (\(detail))"
        case .headTooLong: "the header fields do not end"
        case .forbiddenRedirect(let target): "a redirect to \(target) is not allowed"
        case .rejected: "the bytes are not the ones that the signed metadata names"
        case .cancelled: "cancelled"
        case .local(let detail): "the transfer library refused (\(detail))"
        case .invalidAddress(let detail): detail
        }
    }

    /// The next step for a person.
    package var remedy: String {
        switch self {
        case .unresolvable: "check the address and the name server"
        case .unreachable, .timedOut, .interrupted, .stalled: "check the network and try again later"
        case .untrustedConnection: "check the clock, the certificate authorities given, and the pinned keys"
        case .status(401, _), .status(403, _): "check the access rights on the server"
        case .status(404, _), .status(410, _): "check the address, or publish again: the repository is incomplete there"
        case .status: "try again later or use another mirror"
        case .rangeIgnored: "serve the repository from a server that supports byte ranges"
        case .wrongRange, .wrongLength, .changed, .rejected: "use another mirror, and check caches between here and the server"
        case .encoded: "turn compression off for the repository on that server"
        case .page: "sign in to the network if it asks for that, and check the address"
        case .tooLong, .nonsense, .headTooLong: "check the address, or use another mirror"
        case .forbiddenRedirect: "use an https address"
        case .cancelled: "start it again to continue where it stopped"
        case .local: "report this with the version of libcurl"
        case .invalidAddress: "give an address such as https://example.com/game"
        }
    }
}
