import InstarThreads
import Synchronization
import Testing

@Suite struct WorkersTests {
    struct Refused: Error, Equatable {}

    @Test func `every index runs exactly once`() throws {
        let seen = Mutex<[Int]>([])
        try Workers.forEach(count: 1000, width: 4) { index in seen.withLock { $0.append(index) } }
        #expect(seen.withLock { $0.sorted() } == Array(0..<1000))
    }

    @Test func `the first error stops the rest and is thrown`() {
        #expect(throws: Refused.self) {
            try Workers.forEach(count: 1000, width: 4) { index in if index == 10 { throw Refused() } }
        }
    }

    @Test func `a blocking closure returns its value to the caller`() async {
        #expect(await Workers.run { 42 } == 42)
    }
}
