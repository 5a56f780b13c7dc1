internal import Synchronization

/// A sum that many threads add to.
final class ByteSum: Sendable {
    private let sum = Atomic<UInt64>(0)

    var value: UInt64 { sum.load(ordering: .relaxed) }

    /// Adds `count`; answers the new sum.
    @discardableResult
    func add(_ count: UInt64) -> UInt64 { sum.add(count, ordering: .relaxed).newValue }
}
