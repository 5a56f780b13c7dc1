internal import InstarThreads

/// Runs asynchronous work to its end while the calling thread, the process's first, waits.
///
/// Commands are synchronous; this is their one door to the façade, which is not.
func waitFor<Result: Sendable>(_ work: @escaping @Sendable () async throws -> Result) throws -> Result {
    let answer = BlockingQueue<Swift.Result<Result, any Error>>()
    Task {
        do { answer.append(.success(try await work())) } catch { answer.append(.failure(error)) }
        answer.close()
    }
    guard let result = answer.next() else { throw CommandError(.software, "the work ended without an answer") }
    return try result.get()
}
