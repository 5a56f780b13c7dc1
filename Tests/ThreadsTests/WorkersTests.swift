import Glibc
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

    @Test func `two run side by side, and the error of either is thrown when both are through`() throws {
        let met = Atomic(0)
        // Each waits for the other, ten seconds at the most.
        let meet: @Sendable () -> Int = {
            met.add(1, ordering: .relaxed)
            for _ in 0..<100_000 where met.load(ordering: .relaxed) < 2 { usleep(100) }
            return met.load(ordering: .relaxed) == 2 ? 7 : 0
        }
        #expect(try Workers.both({ meet() }, { meet() }) == (7, 7))
        #expect(throws: Refused.self) { try Workers.both({ throw Refused() }, { 1 }) }
        #expect(throws: Refused.self) { try Workers.both({ 1 }, { throw Refused() }) }
    }

    @Test func `a blocking closure returns its value to the caller`() async {
        #expect(await Workers.run { 42 } == 42)
    }

    @Test func `products are taken in order, however long each one takes to prepare, and few wait`() throws {
        let begun = Atomic(0)
        var taken: [Int] = []
        try Workers.forEachInOrder(
            count: 300, width: 4, ahead: 6, worker: {},
            prepare: { _, index in
                begun.add(1, ordering: .relaxed)
                if index % 7 == 0 { usleep(300) }
                return index * 2
            },
            take: { index, product in
                #expect(product == index * 2)
                #expect(begun.load(ordering: .relaxed) <= index + 6 + 1, "what is begun and not taken is bounded")
                taken.append(index)
            })
        #expect(taken == Array(0..<300))
    }

    @Test(arguments: ["worker", "prepare", "take"])
    func `an error anywhere ends work in order and is thrown`(place: String) {
        let taken = Atomic(0)
        #expect(throws: Refused.self) {
            try Workers.forEachInOrder(
                count: 1000, width: 3, worker: { if place == "worker" { throw Refused() } },
                prepare: { _, index in if place == "prepare", index == 20 { throw Refused() } },
                take: { index, _ in
                    taken.add(1, ordering: .relaxed)
                    if place == "take", index == 20 { throw Refused() }
                })
        }
        #expect(taken.load(ordering: .relaxed) <= 21)
    }
}
