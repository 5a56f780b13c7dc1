internal import CCurl
#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Turns options into those of libcurl.
struct CurlConfiguration {
    /// Requests for metadata that may run beside the ordinary ones.
    static let reserve = 4
    /// Bytes that libcurl reads from a socket at once.
    private static let readBytes = 128 * 1024
    /// The kernel's receive buffer in the polite modes and under a rate limit: what a server can send ahead.
    private static let politeReceiveBuffer: Int32 = 64 * 1024
    /// The "lower effort" mark of RFC 8622 in the field that carries it.
    private static let lowerEffort: Int32 = 1 << 2

    let options: TransferOptions

    /// Limits that hold for all transfers together.
    func apply(to multi: MultiHandle) {
        let parallel = options.effectiveParallelRequests
        multi.set(CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX))
        multi.set(CURLMOPT_MAXCONNECTS, parallel + Self.reserve)
        let connections = max(1, options.multiplexedConnections)
        multi.set(CURLMOPT_MAX_CONCURRENT_STREAMS, (parallel + Self.reserve + connections - 1) / connections)
        limitConnections(of: multi, isMultiplexed: false)
    }

    /// How many connections one server may get. libcurl does not know before a handshake whether requests can share
    /// its connection, and would open one for each that waits.
    func limitConnections(of multi: MultiHandle, isMultiplexed: Bool) {
        let limit = isMultiplexed ? max(1, options.multiplexedConnections) : options.effectiveParallelRequests + Self.reserve
        multi.set(CURLMOPT_MAX_HOST_CONNECTIONS, limit)
    }

    /// A handle for `url`, ready to be given its callbacks.
    func makeHandle(url: String, fields: [String]) -> EasyHandle? {
        guard let easy = EasyHandle() else { return nil }
        easy.set(CURLOPT_URL, url)
        easy.setHeaders(fields)
        easy.set(CURLOPT_USERAGENT, options.userAgent)
        // Signals would reach threads of the host; time-outs of name resolution work without them.
        easy.set(CURLOPT_NOSIGNAL, 1)
        easy.set(CURLOPT_PROTOCOLS_STR, "http,https")
        // Redirects are followed by the loop, which checks where they lead.
        easy.set(CURLOPT_FOLLOWLOCATION, 0)
        easy.set(CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue))
        easy.set(CURLOPT_CONNECTTIMEOUT_MS, Int(options.connectSeconds * 1000))
        easy.set(CURLOPT_BUFFERSIZE, Self.readBytes)
        easy.set(CURLOPT_TCP_KEEPALIVE, 1)
        easy.set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        setProtocol(easy, url)
        setTrust(easy)
        setProxy(easy, url)
        if options.mode != .foreground || options.bytesPerSecond != nil { setPoliteness(easy) }
        return easy
    }

    private func setProtocol(_ easy: EasyHandle, _ url: String) {
        easy.set(CURLOPT_HTTP_VERSION, options.allowsHTTP2 ? instar_curl_http_version_2tls : instar_curl_http_version_1_1)
        // Where TLS can agree on HTTP/2, requests wait for the first handshake to see whether they can share its connection.
        // Without TLS they would wait for the first answer, and for nothing.
        easy.set(CURLOPT_PIPEWAIT, options.allowsHTTP2 && url.hasPrefix("https:") ? 1 : 0)
    }

    private func setTrust(_ easy: EasyHandle) {
        easy.set(CURLOPT_SSL_VERIFYPEER, 1)
        easy.set(CURLOPT_SSL_VERIFYHOST, 2)
        easy.set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        if let file = options.certificateAuthorities { easy.set(CURLOPT_CAINFO, file) }
        if let keys = options.pinnedPublicKey { easy.set(CURLOPT_PINNEDPUBLICKEY, keys) }
    }

    private func setProxy(_ easy: EasyHandle, _ url: String) {
        switch options.proxy {
        case .environment: if Address(url)?.isLoopback == true { easy.set(CURLOPT_PROXY, "") }
        case .none: easy.set(CURLOPT_PROXY, "")
        case .address(let proxy):
            easy.set(CURLOPT_PROXY, proxy)
            easy.set(CURLOPT_NOPROXY, "")
        }
    }

    private func setPoliteness(_ easy: EasyHandle) {
        unsafe easy.setSocketOptions { _, socket, _ in
            var bytes = CurlConfiguration.politeReceiveBuffer
            unsafe setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &bytes, socklen_t(MemoryLayout<Int32>.size))
            // Either call fails on a socket of the other family, which is as it should be.
            var mark = CurlConfiguration.lowerEffort
            unsafe setsockopt(socket, Int32(IPPROTO_IP), IP_TOS, &mark, socklen_t(MemoryLayout<Int32>.size))
            unsafe setsockopt(socket, Int32(IPPROTO_IPV6), IPV6_TCLASS, &mark, socklen_t(MemoryLayout<Int32>.size))
            return CURL_SOCKOPT_OK
        }
    }
}
