#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// A first-in first-out queue between threads. `next()` blocks until there is an element or the queue is closed.
///
/// With a `capacity`, `append` blocks while the queue is full: a slow consumer slows the producer.
package final class BlockingQueue<Element: Sendable>: Sendable {
    private struct State {
        var elements: [Element] = []
        var head = 0
        var isClosed = false

        var count: Int { elements.count - head }

        mutating func popFirst() -> Element? {
            guard head < elements.count else { return nil }
            let element = elements[head]
            head += 1
            if head > 64, head * 2 > elements.count {
                elements.removeFirst(head)
                head = 0
            }
            return element
        }
    }

    private let capacity: Int
    private let state = Monitor(State())

    package init(capacity: Int = .max) {
        self.capacity = capacity
    }

    /// Adds `element`; answers false, and drops it, where the queue is closed.
    @discardableResult
    package func append(_ element: Element) -> Bool {
        state.wait(until: { $0.isClosed || $0.count < capacity }) { state in
            guard !state.isClosed else { return false }
            state.elements.append(element)
            return true
        }
    }

    /// The next element, or nil once the queue is closed and empty.
    package func next() -> Element? {
        state.wait(until: { $0.isClosed || $0.count > 0 }) { $0.popFirst() }
    }

    /// Lets waiting consumers finish what is queued and then receive nil.
    package func close() {
        state.withLock { $0.isClosed = true }
    }
}
