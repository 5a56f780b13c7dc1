import InstarThreads
import Synchronization
import Testing

@Suite struct BlockingQueueTests {
    @Test func `elements come out in the order they went in`() {
        let queue = BlockingQueue<Int>()
        for number in 0..<500 { queue.append(number) }
        queue.close()
        var received: [Int] = []
        while let number = queue.next() { received.append(number) }
        #expect(received == Array(0..<500))
    }

    @Test func `a full queue holds its producer back until there is room`() {
        let queue = BlockingQueue<Int>(capacity: 1)
        let appended = Mutex(0)
        let producer = OSThread(name: "producer") {
            for number in 0..<3 {
                queue.append(number)
                appended.withLock { $0 += 1 }
            }
            queue.close()
        }
        var received: [Int] = []
        while let number = queue.next() {
            received.append(number)
            // At most the one just taken, one queued and one on its way in.
            #expect(appended.withLock { $0 } <= received.count + 1)
        }
        producer.join()
        #expect(received == [0, 1, 2])
    }

    @Test func `a closed queue refuses elements`() {
        let queue = BlockingQueue<Int>()
        queue.close()
        #expect(queue.append(1) == false)
        #expect(queue.next() == nil)
    }
}

@Suite struct PinnedThreadTests {
    actor Resident {
        private let pinned = PinnedThread(name: "resident")
        nonisolated var unownedExecutor: UnownedSerialExecutor { pinned.asUnownedSerialExecutor() }

        func currentThread() -> UInt { currentThreadIdentity() }
    }

    @Test func `an actor on a pinned thread always runs on the same thread`() async {
        let resident = Resident()
        let first = await resident.currentThread()
        for _ in 0..<50 {
            await Task.yield()
            #expect(await resident.currentThread() == first)
        }
    }
}

#if canImport(Glibc)
    import Glibc
    private func currentThreadIdentity() -> UInt { UInt(pthread_self()) }
#endif
