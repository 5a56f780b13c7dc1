internal import CCurl

/// libcurl's set of transfers.
///
/// `@unchecked Sendable`: the pointer never changes, `curl_multi_wakeup` may be called from any thread as libcurl
/// documents, and every other call is made by the one thread that runs the loop.
@safe final class MultiHandle: @unchecked Sendable {
    private let handle: UnsafeMutableRawPointer

    /// Done once a process; libcurl's clean-up is never called, since another user of the library may still run.
    private static let isInitialised = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    /// Nil where libcurl cannot be initialised or has no memory.
    init?() {
        guard Self.isInitialised, let handle = unsafe curl_multi_init() else { return nil }
        unsafe self.handle = handle
    }

    deinit {
        unsafe curl_multi_cleanup(handle)
    }

    /// Makes `wait` return, now or when it is called next. From any thread.
    func wakeUp() {
        unsafe curl_multi_wakeup(handle)
    }

    func set(_ option: CURLMoption, _ value: Int) {
        unsafe instar_curl_multi_set_long(handle, option, value)
    }

    func add(_ easy: EasyHandle) -> Bool {
        unsafe curl_multi_add_handle(handle, easy.handle) == CURLM_OK
    }

    /// Ends the transfer of `easy` if it still runs.
    func remove(_ easy: EasyHandle) {
        unsafe curl_multi_remove_handle(handle, easy.handle)
    }

    /// Moves bytes on every socket that is ready; callbacks run inside.
    func perform() {
        var running: Int32 = 0
        unsafe curl_multi_perform(handle, &running)
    }

    /// Waits until a socket is ready, libcurl's own timers are due, `wakeUp` is called or `seconds` have passed.
    func wait(seconds: Double) {
        let milliseconds = Int32(min(max(seconds * 1000, 0), 60_000).rounded(.up))
        unsafe curl_multi_poll(handle, nil, 0, milliseconds, nil)
    }

    /// The next transfer that ended: its private pointer and libcurl's result.
    func nextEnded() -> (context: UnsafeMutableRawPointer, result: CURLcode)? {
        var left: Int32 = 0
        while let message = unsafe curl_multi_info_read(handle, &left) {
            guard unsafe message.pointee.msg == CURLMSG_DONE, let easy = unsafe message.pointee.easy_handle else { continue }
            var context: UnsafeMutableRawPointer?
            unsafe instar_curl_get_pointer(easy, &context)
            if let context = unsafe context { return unsafe (context, message.pointee.data.result) }
        }
        return nil
    }
}
