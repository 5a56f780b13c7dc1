internal import InstarTransfer
internal import Synchronization

/// A range that is being read, as those see it who may take a part of it.
final class RangeReading: Sendable {
    /// Seconds of waiting for bytes, the first ones not counted, after which it can be said how fast they come.
    private static let firstLook = 0.4

    private struct Waiting {
        let opened = ContinuousClock.now
        var toBegin: Double?
        /// Since the first bytes came.
        var bytes: UInt64 = 0
        var seconds = 0.0
        var since: ContinuousClock.Instant?
    }

    let stream: TransferStream
    private let waiting = Mutex(Waiting())

    init(_ stream: TransferStream) { self.stream = stream }

    /// As the stream does; takes note of the time.
    func read(into target: UnsafeMutableRawBufferPointer) throws(TransferError) -> Int {
        waiting.withLock { $0.since = .now }
        defer { waiting.withLock { $0.since = nil } }
        let count = unsafe try stream.read(into: target)
        waiting.withLock { waiting in
            let now = ContinuousClock.now
            if waiting.toBegin == nil {
                waiting.toBegin = waiting.opened.seconds(to: now)
            } else {
                waiting.bytes += UInt64(count)
                waiting.seconds += waiting.since?.seconds(to: now) ?? 0
            }
        }
        return count
    }

    /// How the range comes, by the time that was spent on waiting for it alone: whoever waits for a processor or the disk needs no
    /// other request. Nil while it has not been read for long enough.
    var pace: RangeSharing.Pace? {
        let now = ContinuousClock.now
        let (toBegin, bytes, seconds) = waiting.withLock { waiting in
            (waiting.toBegin, waiting.bytes, waiting.seconds + (waiting.since?.seconds(to: now) ?? 0))
        }
        guard let toBegin, seconds >= Self.firstLook else { return nil }
        return RangeSharing.Pace(bytesPerSecond: Double(bytes) / seconds, reached: stream.reached, secondsToBegin: toBegin)
    }

    /// Begins to look at the pace anew: what was before says nothing.
    func forgetPace() {
        waiting.withLock { waiting in
            (waiting.bytes, waiting.seconds) = (0, 0)
            if waiting.since != nil { waiting.since = .now }
        }
    }
}

extension ContinuousClock.Instant {
    fileprivate func seconds(to other: ContinuousClock.Instant) -> Double { (other - self) / .seconds(1) }
}
