internal import InstarDisk
internal import InstarThreads
internal import Synchronization

/// Has the disk keep what is written while more is still being written, so that sealing has little left to wait for.
///
/// A disk takes bytes into its own memory several times faster than it keeps them, and begins with that when it is asked to.
final class EarlySync: Sendable {
    private struct Progress {
        var isWanted = false
        var isEnded = false
        var failure: DiskError?

        /// False where nothing more is to be begun.
        mutating func begin() -> Bool {
            isWanted = false
            return !isEnded
        }
    }

    /// New bytes that are worth asking the disk for.
    private let step: UInt64
    private let folder: Directory
    private let progress = Monitor(Progress())
    /// The sum of written bytes from which on the disk is asked again.
    private let next: Atomic<UInt64>
    private let thread = Mutex<OSThread?>(nil)

    /// - Parameter folder: a folder of the file system.
    init(_ folder: Directory, step: UInt64) {
        (self.folder, self.step) = (folder, step)
        next = Atomic(step)
    }

    /// So many bytes have been written by now. Does not wait for the disk; throws where it failed at those before.
    func reached(_ written: UInt64) throws(DiskError) {
        let due = next.load(ordering: .relaxed)
        guard written >= due, next.compareExchange(expected: due, desired: written + step, ordering: .relaxed).exchanged else { return }
        let failure = progress.withLock { progress in
            progress.isWanted = true
            return progress.failure
        }
        if let failure { throw failure }
        thread.withLock { if $0 == nil { $0 = begin() } }
    }

    /// Waits for what the disk was asked for. Where that failed nobody knows which bytes it has.
    func finish() throws(DiskError) {
        progress.withLock { $0.isEnded = true }
        thread.withLock { $0 }?.join()
        if let failure = progress.reading({ $0.failure }) { throw failure }
    }

    deinit { progress.withLock { $0.isEnded = true } }

    private func begin() -> OSThread {
        OSThread(name: "instar-sync") { [progress, folder] in
            while progress.wait(until: { $0.isWanted || $0.isEnded }, then: { $0.begin() }) {
                do throws(DiskError) { _ = try folder.syncFileSystem() } catch {
                    return progress.withLock { $0.failure = error }
                }
            }
        }
    }
}
