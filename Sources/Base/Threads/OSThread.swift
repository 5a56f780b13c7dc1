internal import CPlatform
#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif
internal import Synchronization

/// One operating-system thread that runs a closure and can be joined once.
///
/// Blocking C libraries get a thread of their own; the cooperative pool never waits on them.
package final class OSThread: Sendable {
    private let handle: Mutex<pthread_t?>

    /// Starts a thread named `name` (the kernel keeps the first 15 bytes) that runs `body` and ends.
    package init(name: String, stackBytes: Int = 1 << 20, body: @escaping @Sendable () -> Void) {
        let context = unsafe Unmanaged.passRetained(ThreadBody(name: name, run: body))
        var attributes = pthread_attr_t()
        unsafe pthread_attr_init(&attributes)
        unsafe pthread_attr_setstacksize(&attributes, stackBytes)
        defer { unsafe pthread_attr_destroy(&attributes) }
        var thread = pthread_t()
        let status = unsafe pthread_create(&thread, &attributes, { unsafe ThreadBody.enter($0) }, context.toOpaque())
        // Without a thread there is no way to go on and nothing to report to: the process is out of resources.
        precondition(status == 0, "cannot start the thread \(name): error \(status)")
        handle = Mutex(thread)
    }

    /// Waits until the thread's closure returned. Calling it again returns at once.
    package func join() {
        let thread = handle.withLock { handle in
            let taken = handle
            handle = nil
            return taken
        }
        if let thread { pthread_join(thread, nil) }
    }

    deinit {
        if let thread = handle.withLock({ $0 }) { pthread_detach(thread) }
    }
}

/// What a new thread needs, carried through C as one pointer.
private final class ThreadBody: Sendable {
    private let name: String
    private let run: @Sendable () -> Void

    init(name: String, run: @escaping @Sendable () -> Void) {
        self.name = name
        self.run = run
    }

    static func enter(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        guard let context = unsafe context else { return nil }
        let body = unsafe Unmanaged<ThreadBody>.fromOpaque(context).takeRetainedValue()
        unsafe instar_name_thread(body.name)
        body.run()
        return nil
    }
}
