internal import InstarThreads

/// The thread that checks by a schedule while a game runs, and that can be made to hold still.
///
/// A program that forks may do so only while this thread waits here, inside the C library: it is not in the child, and any
/// lock that it held, one of Swift's runtime above all, would stay locked there for ever.
final class BackgroundChecks: Sendable {
    /// How a check ended.
    enum Outcome { case reachable, broken, held }

    private enum Order { case run, hold, end }
    private struct State: Sendable {
        var order = Order.run
        /// The thread waits for an order or for its time, holding nothing.
        var isAtRest = false
    }

    private let state = Monitor(State())

    /// Begins at once.
    ///
    /// - Parameter check: one check, to its end; nil ends the thread.
    init(_ schedule: CheckSchedule, _ check: @escaping @Sendable () -> Outcome?) {
        _ = OSThread(name: "instar-checks", stackBytes: 8 << 20) { [state] in
            var (failures, wait) = (0, Duration.zero)
            while BackgroundChecks.goesOn(state, after: wait), let outcome = check() {
                switch outcome {
                case .reachable: failures = 0
                case .broken: failures += 1
                case .held: break
                }
                wait = outcome == .held ? .zero : schedule.wait(afterFailures: failures, chance: .random(in: 0..<1))
            }
        }
    }

    deinit { end() }

    /// Waits until the next check is due, or longer while the thread is to hold still. False where it is to end.
    private static func goesOn(_ state: Monitor<State>, after wait: Duration) -> Bool {
        let due = ContinuousClock.now + wait
        var goesOn = false
        state.wait { state in
            let left = due - .now
            goesOn = state.order == .run && left <= .zero
            state.isAtRest = !goesOn
            if goesOn || state.order == .end { return nil }
            return state.order == .hold ? .seconds(3600) : left
        }
        return goesOn
    }

    /// Begins no further check until `resume()`.
    func hold() {
        guard state.reading({ $0.order == .run }) else { return }
        state.withLock { state in
            guard state.order == .run else { return }
            // It says so itself once it has taken note and waits again.
            (state.order, state.isAtRest) = (.hold, false)
        }
    }

    func resume() { state.withLock { if $0.order == .hold { $0.order = .run } } }

    /// Begins no further check.
    func end() { state.withLock { $0.order = .end } }

    /// Whether the thread waits, and nothing will wake it before `resume()`.
    var isAtRest: Bool { state.reading { $0.order != .run && $0.isAtRest } }
}
