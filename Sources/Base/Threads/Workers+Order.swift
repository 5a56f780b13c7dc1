extension Workers {
    /// Prepares products 0 … `count` - 1 on up to `width` threads and takes them one after the other, in order, on the
    /// calling thread: parallel work with a serial end, in bounded memory.
    ///
    /// After the first error nothing further is begun; that error is thrown when the running preparations are through.
    ///
    /// - Parameters:
    ///   - ahead: how many products may be begun and not taken yet. Bounds memory.
    ///   - worker: makes what one thread keeps from product to product.
    package static func forEachInOrder<Worker: ~Copyable, Product: Sendable>(
        count: Int, width: Int = processorCount, ahead: Int? = nil, worker: @Sendable () throws -> Worker,
        prepare: @Sendable (inout Worker, Int) throws -> Product, take: (Int, Product) throws -> Void
    ) throws {
        let width = max(1, min(width, count))
        let shelf = Monitor(Shelf<Product>(count: count, ahead: max(width, ahead ?? width * 2)))
        let work: @Sendable () -> Void = {
            do {
                var own = try worker()
                while let index = shelf.wait(until: \.isNextDecided, then: { $0.claim() }) {
                    let product = try prepare(&own, index)
                    shelf.withLock { $0.products[index] = product }
                }
            } catch {
                shelf.withLock { $0.fail(error) }
            }
        }
        // The threads are joined before this returns, so `work` and what it captures outlive them.
        withoutActuallyEscaping(work) { work in
            let threads = (0..<width).map { OSThread(name: "instar-\($0)", body: work) }
            defer { for thread in threads { thread.join() } }
            do {
                for index in 0..<count {
                    guard let product = shelf.wait(until: { $0.products[index] != nil || $0.failure != nil }, then: { $0.take(index) })
                    else { break }
                    try take(index, product)
                }
            } catch {
                shelf.withLock { $0.fail(error) }
            }
        }
        if let failure = shelf.withLock({ $0.failure }) { throw failure }
    }

    /// Products between the threads that make them and the one that takes them.
    private struct Shelf<Product: Sendable> {
        let count: Int
        let ahead: Int
        var products: [Int: Product] = [:]
        var failure: (any Error)?
        private var next = 0
        private var taken = 0

        init(count: Int, ahead: Int) {
            (self.count, self.ahead) = (count, ahead)
        }

        /// True where a thread need not wait to learn what it does next.
        var isNextDecided: Bool { failure != nil || next >= count || next < taken + ahead }

        /// The next product to prepare; nil where there is none.
        mutating func claim() -> Int? {
            guard failure == nil, next < count else { return nil }
            next += 1
            return next - 1
        }

        /// The product, which is no longer kept; nil after a failure.
        mutating func take(_ index: Int) -> Product? {
            guard failure == nil else { return nil }
            taken = index + 1
            return products.removeValue(forKey: index)
        }

        mutating func fail(_ error: any Error) {
            if failure == nil { failure = error }
        }
    }
}
