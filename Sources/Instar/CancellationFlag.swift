internal import Synchronization

/// Says to a thread that whoever waits for it does so no more. Set once, from any thread.
final class CancellationFlag: Sendable {
    private let flag = Atomic(false)

    var isSet: Bool { flag.load(ordering: .relaxed) }

    func set() { flag.store(true, ordering: .relaxed) }

    /// Throws where it is set.
    func check() throws { if isSet { throw CancellationError() } }
}
