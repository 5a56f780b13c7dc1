/// Measures how fast one request runs, window by window, and says when another mirror would be the better choice.
/// A pure value: time and the mirrors' known speeds come from outside.
package struct Slowness: Hashable, Sendable {
    private let window: Double
    private var seconds = 0.0
    private var bytes: UInt64 = 0

    /// `window` in seconds of time in which the client was ready to take bytes.
    package init(window: Double = TransferLimits.slowSeconds) { self.window = window }

    /// The speed over the window that ends now, in bytes a second, or nil before it does. Both arguments count from the
    /// request's beginning, times without reading left out.
    package mutating func speed(seconds total: Double, bytes totalBytes: UInt64) -> Double? {
        guard total - seconds >= window else { return nil }
        defer { (seconds, bytes) = (total, totalBytes) }
        return Double(totalBytes - bytes) / (total - seconds)
    }

    /// Seconds until the window ends where the request goes on being read.
    package func secondsLeft(seconds total: Double) -> Double { max(0, window - (total - seconds)) }

    /// Whether a request at `speed` is better sent to a mirror that is known to give `other` bytes a second, or of which
    /// nothing is known yet.
    package static func isWorthMoving(from speed: Double, to other: Double?) -> Bool {
        speed < (other.map { $0 * TransferLimits.slowShare } ?? TransferLimits.curiousSpeed)
    }
}
