#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// A value behind a lock, with waiting for a condition on it. Every change wakes those who wait.
///
/// `@unchecked Sendable`: `value` is only touched between lock and unlock of `mutex`, and the two C objects
/// are allocated once and never move.
@safe package final class Monitor<Value>: @unchecked Sendable {
    private var value: Value
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>

    package init(_ value: sending Value) {
        self.value = value
        unsafe mutex = .allocate(capacity: 1)
        unsafe condition = .allocate(capacity: 1)
        unsafe pthread_mutex_init(mutex, nil)
        unsafe Monitor.initialize(condition)
    }

    deinit {
        unsafe pthread_cond_destroy(condition)
        unsafe pthread_mutex_destroy(mutex)
        unsafe condition.deallocate()
        unsafe mutex.deallocate()
    }

    /// Runs `body` with the value, alone, and wakes whoever waits.
    package func withLock<Result, Failure: Error>(_ body: (inout Value) throws(Failure) -> Result) throws(Failure) -> Result {
        unsafe pthread_mutex_lock(mutex)
        defer {
            unsafe pthread_cond_broadcast(condition)
            unsafe pthread_mutex_unlock(mutex)
        }
        return try body(&value)
    }

    /// Runs `body` with the value, alone, and wakes nobody.
    package func reading<Result>(_ body: (borrowing Value) -> Result) -> Result {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return body(value)
    }

    /// Runs `body` with the value, alone, and wakes nobody: for changes that nobody waits for.
    package func quietly<Result>(_ body: (inout Value) -> Result) -> Result {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return body(&value)
    }

    /// Blocks the calling thread until `isReady`, then runs `body` as `withLock` does.
    package func wait<Result>(until isReady: (Value) -> Bool, then body: (inout Value) -> Result) -> Result {
        unsafe pthread_mutex_lock(mutex)
        defer {
            unsafe pthread_cond_broadcast(condition)
            unsafe pthread_mutex_unlock(mutex)
        }
        while !isReady(value) { unsafe pthread_cond_wait(condition, mutex) }
        return body(&value)
    }

    /// Blocks the calling thread until `step` answers nil. It is asked at first, after every change, and when the time that it
    /// answered has passed; it may change the value itself.
    package func wait(by step: (inout Value) -> Duration?) {
        unsafe pthread_mutex_lock(mutex)
        defer {
            unsafe pthread_cond_broadcast(condition)
            unsafe pthread_mutex_unlock(mutex)
        }
        while let limit = step(&value) { unsafe Monitor.wait(condition, mutex, atMost: limit) }
    }

    // MARK: Waiting for a time, by a clock that nobody sets

    private static func initialize(_ condition: UnsafeMutablePointer<pthread_cond_t>) {
        #if canImport(Darwin)
            unsafe pthread_cond_init(condition, nil)
        #else
            var attributes = pthread_condattr_t()
            unsafe pthread_condattr_init(&attributes)
            unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
            unsafe pthread_cond_init(condition, &attributes)
            unsafe pthread_condattr_destroy(&attributes)
        #endif
    }

    private static func wait(
        _ condition: UnsafeMutablePointer<pthread_cond_t>, _ mutex: UnsafeMutablePointer<pthread_mutex_t>, atMost limit: Duration
    ) {
        let (seconds, attoseconds) = limit.components
        var time = timespec(tv_sec: min(Int(max(seconds, 0)), 1 << 30), tv_nsec: Int(max(attoseconds, 0) / 1_000_000_000))
        #if canImport(Darwin)
            unsafe pthread_cond_timedwait_relative_np(condition, mutex, &time)
        #else
            var now = timespec()
            unsafe clock_gettime(CLOCK_MONOTONIC, &now)
            time.tv_sec += now.tv_sec
            time.tv_nsec += now.tv_nsec
            if time.tv_nsec >= 1_000_000_000 { (time.tv_sec, time.tv_nsec) = (time.tv_sec + 1, time.tv_nsec - 1_000_000_000) }
            unsafe pthread_cond_timedwait(condition, mutex, &time)
        #endif
    }
}
