internal import CCurl

/// One libcurl transfer with its header list and error text. Used by the loop's thread only.
@safe final class EasyHandle {
    let handle: UnsafeMutableRawPointer
    private var headers: UnsafeMutablePointer<curl_slist>?
    private let errorText: UnsafeMutablePointer<CChar>
    /// The first option that libcurl refused.
    private(set) var refusal: String?

    init?() {
        guard let handle = unsafe curl_easy_init() else { return nil }
        unsafe self.handle = handle
        unsafe errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        unsafe errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        unsafe check(instar_curl_set_pointer(handle, CURLOPT_ERRORBUFFER, errorText), "ERRORBUFFER")
    }

    deinit {
        unsafe curl_easy_cleanup(handle)
        unsafe curl_slist_free_all(headers)
        unsafe errorText.deallocate()
    }

    func set(_ option: CURLoption, _ value: Int) {
        unsafe check(instar_curl_set_long(handle, option, value), "option \(option.rawValue)")
    }

    func set(_ option: CURLoption, _ value: String) {
        unsafe check(instar_curl_set_string(handle, option, value), "option \(option.rawValue)")
    }

    /// Sends these header fields beside libcurl's own.
    func setHeaders(_ fields: [String]) {
        for field in fields {
            guard let longer = unsafe curl_slist_append(headers, field) else {
                refusal = refusal ?? "no memory for header fields"
                return
            }
            unsafe headers = longer
        }
        unsafe check(instar_curl_set_list(handle, CURLOPT_HTTPHEADER, headers), "HTTPHEADER")
    }

    /// Hands every header line and body piece to C functions that get `context`, which must outlive the transfer.
    func setCallbacks(context: UnsafeMutableRawPointer, header: curl_write_callback, body: curl_write_callback) {
        unsafe check(instar_curl_set_pointer(handle, CURLOPT_PRIVATE, context), "PRIVATE")
        unsafe check(instar_curl_set_pointer(handle, CURLOPT_HEADERDATA, context), "HEADERDATA")
        unsafe check(instar_curl_set_pointer(handle, CURLOPT_WRITEDATA, context), "WRITEDATA")
        unsafe check(instar_curl_set_writer(handle, CURLOPT_HEADERFUNCTION, header), "HEADERFUNCTION")
        unsafe check(instar_curl_set_writer(handle, CURLOPT_WRITEFUNCTION, body), "WRITEFUNCTION")
    }

    func setSocketOptions(_ callback: curl_sockopt_callback) {
        unsafe check(instar_curl_set_socket_option_callback(handle, callback), "SOCKOPTFUNCTION")
    }

    /// Stops reading from the socket, or goes on, which may call the body function at once.
    func pause(_ isPaused: Bool) {
        unsafe curl_easy_pause(handle, isPaused ? CURLPAUSE_RECV : CURLPAUSE_CONT)
    }

    /// A number about the ended transfer.
    func number(_ info: CURLINFO) -> Int {
        var value = 0
        unsafe instar_curl_get_long(handle, info, &value)
        return value
    }

    /// Seconds of the answer's `Retry-After`, given as a number or as a date.
    var retryAfter: Double? {
        var seconds: curl_off_t = 0
        unsafe instar_curl_get_offset(handle, CURLINFO_RETRY_AFTER, &seconds)
        return seconds > 0 ? Double(seconds) : nil
    }

    /// libcurl's own words for what went wrong, or those for `result`.
    func explanation(_ result: CURLcode) -> String {
        let text = unsafe String(cString: errorText)
        return unsafe text.isEmpty ? String(cString: curl_easy_strerror(result)) : text
    }

    private func check(_ result: CURLcode, _ option: String) {
        if result != CURLE_OK, refusal == nil {
            refusal = unsafe "\(option): \(String(cString: curl_easy_strerror(result)))"
        }
    }
}
