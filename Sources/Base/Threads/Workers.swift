#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif
internal import Synchronization

/// Where blocking work runs: threads outside the cooperative pool.
package enum Workers {
    /// As many as there are processors to run on.
    package static var processorCount: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

    /// Runs blocking `body` on a thread of its own and suspends, without blocking, until it returned.
    package static func run<Result: Sendable, Failure: Error>(
        name: String = "instar", _ body: @escaping @Sendable () throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        let outcome = await withCheckedContinuation { (continuation: CheckedContinuation<Swift.Result<Result, Failure>, Never>) in
            _ = OSThread(name: name) {
                continuation.resume(returning: Swift.Result { () throws(Failure) in try body() })
            }
        }
        return try outcome.get()
    }

    /// Runs `body(0)` … `body(count - 1)` on up to `width` threads, the calling one included, and waits for all.
    ///
    /// After the first error no further index is begun; that error is thrown when the running ones are through.
    package static func forEach(
        count: Int, width: Int = processorCount, _ body: @Sendable (Int) throws -> Void
    ) throws {
        let next = Atomic(0)
        let failure = Mutex<(any Error)?>(nil)
        let work: @Sendable () -> Void = {
            while true {
                let index = next.add(1, ordering: .relaxed).oldValue
                guard index < count, failure.withLock({ $0 == nil }) else { return }
                do { try body(index) } catch {
                    failure.withLock { first in if first == nil { first = error } }
                }
            }
        }
        // The threads are joined before this returns, so `work` and what it captures outlive them.
        withoutActuallyEscaping(work) { work in
            let threads = (1..<max(1, min(width, count))).map { OSThread(name: "instar-\($0)", body: work) }
            work()
            for thread in threads { thread.join() }
        }
        if let error = failure.withLock({ $0 }) { throw error }
    }
}
