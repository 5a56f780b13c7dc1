#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// A thread for what a forked copy does.
///
/// Swift's mutexes know a thread by a number that each thread keeps; the one thread of a copy still has the number of the thread
/// it was copied from, and a mutex that another thread waits for then fails. A thread that the copy starts has its own.
enum FreshThread {
    private final class Work {
        let run: () -> Void
        init(_ run: @escaping () -> Void) { self.run = run }
    }

    /// Runs `body` on a new thread while the calling one waits for its end.
    static func run(_ body: () -> Void) {
        withoutActuallyEscaping(body) { body in
            let work = unsafe Unmanaged.passRetained(Work(body))
            var thread = pthread_t()
            let status = unsafe pthread_create(
                &thread, nil,
                { context in
                    guard let context = unsafe context else { return nil }
                    unsafe Unmanaged<Work>.fromOpaque(context).takeRetainedValue().run()
                    return nil
                }, work.toOpaque())
            guard status == 0 else { _exit(71) }
            pthread_join(thread, nil)
        }
    }
}
