/// Measures whether a server delivers at all: bytes within a window of time in which the client was ready to take them.
package struct StallClock: Hashable, Sendable {
    private let window: Double
    private let minimumBytes: UInt64
    private var began: Double
    private var bytes: UInt64 = 0
    private var pausedSince: Double?
    private var pausedTotal = 0.0

    /// `window` in seconds, `minimumSpeed` in bytes a second.
    package init(window: Double = TransferLimits.stallSeconds, minimumSpeed: UInt64 = TransferLimits.minimumSpeed, now: Double) {
        self.window = window
        minimumBytes = max(1, UInt64(window * Double(minimumSpeed)))
        began = now
    }

    package mutating func received(_ count: Int, now: Double) {
        bytes += UInt64(count)
        if bytes >= minimumBytes {
            began = now
            bytes = 0
        }
    }

    /// The client stopped reading: time stands still.
    package mutating func pause(now: Double) {
        if pausedSince == nil { pausedSince = now }
    }

    package mutating func resume(now: Double) {
        guard let since = pausedSince else { return }
        began += now - since
        pausedTotal += now - since
        pausedSince = nil
    }

    /// Seconds since `start` in which the client was ready to take bytes.
    package func activeSeconds(since start: Double, now: Double) -> Double {
        now - start - pausedTotal - (pausedSince.map { now - $0 } ?? 0)
    }

    /// When the window ends, or nil while it is paused.
    package var deadline: Double? { pausedSince == nil ? began + window : nil }

    package func isStalled(now: Double) -> Bool { deadline.map { $0 <= now } ?? false }
}
