/// What the transfers of one `Transfer` did so far.
package struct TransferStatistics: Hashable, Sendable {
    /// What one mirror did.
    package struct Mirror: Hashable, Sendable {
        /// Base address without credentials.
        package var url: String
        /// Body bytes, those thrown away included.
        package var bytes: UInt64 = 0
        /// Requests sent, repeated ones included.
        package var requests: UInt64 = 0
        package var failures: UInt64 = 0
    }

    package var mirrors: [Mirror]
    /// Body bytes from all mirrors, those thrown away included.
    package var bytes: UInt64 { mirrors.reduce(0) { $0 + $1.bytes } }
    /// Requests sent to all mirrors, repeated ones and redirects included.
    package var requests: UInt64 { mirrors.reduce(0) { $0 + $1.requests } }
    /// Requests that took over a part of what another one was to bring, since that came slowly.
    package var sharingRequests: UInt64 = 0
    /// Whether any mirror carries several requests on one connection, on which one that nobody reads holds up the others.
    package var isMultiplexed = false
    /// Bytes of answer heads.
    package var headBytes: UInt64 = 0
    /// Connections that were opened.
    package var connections: UInt64 = 0
    /// Body bytes a second over the last few seconds.
    package var bytesPerSecond = 0.0
    /// What time the last server said it was, in seconds since 1970; nil if none said.
    package var serverTime: Int64?
    /// Requests in flight.
    package var running = 0
    package var isPaused = false
    /// Whether there is a limit to the rate.
    package var isLimited = false
    /// What the caller said is to come, and what it saved against fetching everything; see `Transfer.expect`.
    package var expectedBytes: UInt64?
    package var savedBytes: UInt64 = 0

    /// Seconds until the expected bytes are there at the present rate; nil where either is not known.
    package var secondsLeft: Double? {
        guard let expectedBytes, bytesPerSecond > 0 else { return nil }
        return Double(expectedBytes > bytes ? expectedBytes - bytes : 0) / bytesPerSecond
    }
}

/// A moving average of a byte rate, for display. Time weighs, not the number of updates.
struct RateMeter {
    /// Seconds after which an old rate counts a third.
    private static let memory = 2.0

    private(set) var bytesPerSecond = 0.0
    private var updated: Double
    private var bytes: UInt64 = 0

    init(now: Double) { updated = now }

    /// Takes the total byte count as of `now`.
    mutating func update(total: UInt64, now: Double) {
        let elapsed = now - updated
        guard elapsed >= TransferLimits.progressInterval else { return }
        let recent = Double(total - bytes) / elapsed
        let weight = bytes == 0 ? 1 : min(1, elapsed / Self.memory)
        bytesPerSecond += (recent - bytesPerSecond) * weight
        (updated, bytes) = (now, total)
    }
}
