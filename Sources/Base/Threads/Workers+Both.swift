internal import Synchronization

extension Workers {
    /// Runs both side by side, `second` on a thread of its own, and waits for both. Where both fail, `first`'s error is thrown.
    package static func both<First, Second: Sendable>(
        _ first: () throws -> First, _ second: @escaping @Sendable () throws -> Second
    ) throws -> (First, Second) {
        let outcome = Mutex(Result<Second, any Error>.failure(CancellationError()))
        let thread = OSThread(name: "instar-both") {
            let result = Result { try second() }
            outcome.withLock { $0 = result }
        }
        let result = Result { try first() }
        thread.join()
        return (try result.get(), try outcome.withLock { $0 }.get())
    }
}
