internal import InstarManifest
internal import InstarPlan
internal import InstarThreads
internal import InstarTransfer

/// Where the readers of one download get what to read: carries out what `RangeSharing` decides.
final class RangeBoard: Sendable {
    private struct State {
        var sharing: RangeSharing
        var readings: [Int: RangeReading] = [:]
    }

    /// How often somebody without work looks whether there is some.
    private static let interval = Duration.milliseconds(100)

    private let transfer: Transfer
    private let priority: TransferRequest.Priority
    private let state: Monitor<State>

    init(_ fetches: [Fetch], width: RangeSharing.Width, over transfer: Transfer, _ priority: TransferRequest.Priority) {
        self.transfer = transfer
        self.priority = priority
        state = Monitor(State(sharing: RangeSharing(fetches, width: width)))
    }

    /// What to read next, after waiting for it; nil once there is nothing, or something failed.
    func next() -> RangeSharing.Lot? {
        var lot: RangeSharing.Lot?
        state.wait { state in
            let readings = state.readings
            let isSharing = transfer.mayShareRanges
            if !isSharing { for reading in readings.values { reading.forgetPace() } }
            switch state.sharing.begin(isSharing: isSharing, pace: { readings[$0]?.pace }) {
            case .wait: return Self.interval
            case .done: return nil
            case .read(let next):
                lot = next
                if let cut = next.cut { readings[cut.number]?.stream.shorten(to: cut.end) }
                return nil
            }
        }
        return lot
    }

    /// Asks for a range.
    func open(_ lot: RangeSharing.Lot) -> RangeReading {
        let request = TransferRequest(
            path: RepositoryLayout.bundle(lot.fetch.bundle), range: lot.fetch.range, priority: priority, sharesRange: lot.cut != nil)
        let reading = RangeReading(transfer.open(request))
        state.withLock { $0.readings[lot.number] = reading }
        return reading
    }

    /// The next frame of a range; nil where it ends.
    func nextFrame(of lot: RangeSharing.Lot) -> PlannedFrame? {
        state.quietly { $0.sharing.nextFrame(of: lot.number) }
    }

    func ended(_ lot: RangeSharing.Lot) {
        state.withLock { state in
            state.readings[lot.number] = nil
            state.sharing.ended(lot.number)
        }
    }

    /// Lets the others end after the frames that they have begun.
    func fail() { state.withLock { $0.sharing.fail() } }
}
