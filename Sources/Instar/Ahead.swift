internal import InstarThreads

/// Work on a thread of its own that is begun before its time: it comes as far as it can without leaving anything behind, and waits.
final class Ahead: Sendable {
    /// What `wait` throws where the work is not wanted any more.
    struct GivenUp: Error {}

    fileprivate enum Gate {
        case closed, open, givenUp
    }

    /// What the work does not go past before its time.
    struct Mark: Sendable {
        fileprivate let gate: Monitor<Gate>

        func wait() throws(GivenUp) {
            // Passed often, once it is open.
            if gate.reading({ $0 == .open }) { return }
            guard gate.wait(until: { $0 != .closed }, then: { $0 }) == .open else { throw GivenUp() }
        }
    }

    private let gate = Monitor(Gate.closed)
    private let outcome: Monitor<Result<Void, any Error>>
    private let thread: OSThread

    /// Begins. `body` waits at the mark before it leaves anything behind.
    init(_ body: @escaping @Sendable (Mark) throws -> Void) {
        let outcome = Monitor(Result<Void, any Error>.success(()))
        let mark = Mark(gate: gate)
        self.outcome = outcome
        thread = OSThread(name: "instar-ahead") {
            do { try body(mark) } catch { outcome.withLock { $0 = .failure(error) } }
        }
    }

    /// Its time has come: lets it go on, and waits for its end.
    func finish() throws {
        end(.open)
        try outcome.withLock { $0 }.get()
    }

    /// Waits for its end, with nothing done past the mark. Whoever calls it ends first what the work may be waiting for.
    func giveUp() { end(.givenUp) }

    private func end(_ last: Gate) {
        gate.withLock { if $0 == .closed { $0 = last } }
        thread.join()
    }
}
