internal import Synchronization

extension Workers {
    /// `body(0)` … `body(count - 1)`, worked out on all processors.
    ///
    /// - Parameter tools: makes what one thread needs for all its work.
    package static func map<Tools: ~Copyable, Result: Sendable>(
        count: Int, tools: @Sendable () throws -> Tools, _ body: @Sendable (inout Tools, Int) throws -> Result
    ) throws -> [Result] {
        let results = Mutex([Result?](repeating: nil, count: count))
        let next = Atomic(0)
        try Workers.forEach(count: min(Workers.processorCount, count)) { _ in
            var tools = try tools()
            while true {
                let index = next.add(1, ordering: .relaxed).oldValue
                guard index < count else { return }
                let result = try body(&tools, index)
                results.withLock { $0[index] = result }
            }
        }
        return results.withLock { $0.compactMap { $0 } }
    }
}
