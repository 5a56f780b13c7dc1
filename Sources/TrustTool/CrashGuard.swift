#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Makes exit statuses other than 0 and 1 impossible.
enum CrashGuard {
    /// Turns every signal that a defect could raise into status 1. The handler runs on a stack of its own, so
    /// that even an overflowing stack ends this way.
    static func install() {
        var stack = unsafe stack_t()
        unsafe stack.ss_size = 1 << 16
        unsafe stack.ss_sp = UnsafeMutableRawPointer.allocate(byteCount: 1 << 16, alignment: 16)
        unsafe sigaltstack(&stack, nil)
        for number in [SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS] {
            var action = sigaction()
            unsafe action.__sigaction_handler.sa_handler = { _ in _exit(1) }
            action.sa_flags = SA_ONSTACK
            unsafe sigaction(number, &action, nil)
        }
        signal(SIGPIPE, SIG_IGN)
    }

    /// Says why on standard error and ends.
    static func fail(_ reason: String) -> Never {
        let line = Array((reason + "\n").utf8)
        _ = unsafe write(2, line, line.count)
        exit(1)
    }
}
