internal import InstarThreads

/// Runs asynchronous work to its end while the calling thread waits.
///
/// Commands and Python functions are synchronous; this is their one door to the façade, which is not.
package func waitFor<Result: Sendable>(_ work: @escaping @Sendable () async throws -> Result) throws -> Result {
    let answer = BlockingQueue<Swift.Result<Result, any Error>>()
    Task {
        do { answer.append(.success(try await work())) } catch { answer.append(.failure(error)) }
        answer.close()
    }
    guard let result = answer.next() else { throw CancellationError() }
    return try result.get()
}
