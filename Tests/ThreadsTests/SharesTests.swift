import InstarThreads
import Testing

@Suite struct SharesTests {
    @Test func `shares follow each other, leave nothing out, and weigh about the same`() {
        for (threads, least) in [(1, 1), (2, 1), (3, 100), (7, 1000), (16, 1)] {
            let weights = (0..<500).map { $0 * 37 % 101 }
            let shares = weights.shares(for: threads, ofAtLeast: least) { $0 }
            #expect(shares.map(\.indices).flatMap { Array($0) } == Array(weights.indices))
            #expect(shares.count <= threads)
            let even = weights.reduce(0, +) / shares.count
            #expect(shares.allSatisfy { abs($0.reduce(0, +) - even) <= 101 })
        }
    }

    @Test func `work that is too small is one share, and no work is none`() {
        #expect([10, 20, 30].shares(for: 8, ofAtLeast: 100) { $0 }.count == 1)
        #expect([10, 20, 30].shares(for: 8, ofAtLeast: 30) { $0 }.count == 2)
        #expect([Int]().shares(for: 8, ofAtLeast: 30) { $0 }.isEmpty)
        #expect([0, 0].shares(for: 8, ofAtLeast: 0) { $0 }.count == 1)
    }

    @Test func `what many threads work out comes in order`() throws {
        let squares = try Workers.map(count: 1000, tools: {}) { _, index in index * index }
        #expect(squares == (0..<1000).map { $0 * $0 })
    }
}
