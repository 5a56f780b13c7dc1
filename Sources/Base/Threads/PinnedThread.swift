internal import Synchronization

/// A serial executor whose jobs all run on one operating-system thread of its own.
///
/// Give it to an actor (`unownedExecutor`) that owns a resource bound to a thread, such as an interpreter.
package final class PinnedThread: SerialExecutor {
    private let queue: BlockingQueue<UnownedJob>
    private let thread: OSThread

    package init(name: String, stackBytes: Int = 8 << 20) {
        let queue = BlockingQueue<UnownedJob>()
        let executor = Weak()
        self.queue = queue
        self.thread = OSThread(name: name, stackBytes: stackBytes) {
            while let job = queue.next() {
                guard let executor = executor.value else { return }
                unsafe job.runSynchronously(on: executor.asUnownedSerialExecutor())
            }
        }
        executor.value = self
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        queue.append(UnownedJob(job))
    }

    package func asUnownedSerialExecutor() -> UnownedSerialExecutor {
        unsafe UnownedSerialExecutor(ordinary: self)
    }

    deinit {
        queue.close()
    }
}

/// A weak reference that several threads may read, so that the thread does not keep its own executor alive.
private final class Weak: Sendable {
    private struct Reference: Sendable {
        weak var target: PinnedThread?
    }
    private let reference = Mutex(Reference())

    var value: PinnedThread? {
        get { reference.withLock { $0.target } }
        set { reference.withLock { $0.target = newValue } }
    }
}
