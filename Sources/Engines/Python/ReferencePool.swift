internal import CPython

/// Keeps what owners let go of alive until the engine's work is done.
///
/// A C function is given an object's address, not its owner. As Swift ends an owner's life after its last mention, the
/// object could die before the C function that was just given its address has run. Therefore an owner gives its
/// reference to the pool of its thread, and the pool gives it back when the scope ends that each way into the engine opens.
/// An address read from an `Owned` or `Held` is thus good to the end of the scope, whatever the optimiser does.
///
/// Expects the interpreter's lock, which guards the table of pools.
enum ReferencePool {
    /// By thread: another one may be inside the engine while this one waits without the lock.
    nonisolated(unsafe) private static var pools: [UInt: ReleaseStack<PyRef>] = [:]

    private static var thread: UInt { UInt(PyThread_get_thread_ident()) }

    /// Runs `body`; references that are let go of meanwhile are given back at its end. Python code that the engine runs
    /// may call the engine again: scopes nest.
    static func scope<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        let thread = thread
        let pool = unsafe pools[thread] ?? ReleaseStack { $0.release() }
        unsafe pools[thread] = pool
        pool.open()
        defer {
            pool.close()
            if !pool.isOpen { unsafe pools[thread] = nil }
        }
        return try body()
    }

    /// Gives back at once what waits in the innermost scope, where reference counts are looked at or garbage has to go.
    /// Nobody up to the function that opened the scope may still use an address whose owner is gone.
    static func drain() { unsafe pools[thread]?.drain() }

    /// Takes over one count of `reference`. False where no scope is open on this thread: the caller still has it then.
    static func add(_ reference: PyRef) -> Bool {
        guard let pool = unsafe pools[thread] else { return false }
        pool.add(reference)
        return true
    }
}
