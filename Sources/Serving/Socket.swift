#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// A connected TCP socket. Blocking calls; `shutDown` from any thread ends those that wait.
package final class Socket: Sendable {
    private let descriptor: Int32

    init(adopting descriptor: Int32) {
        self.descriptor = descriptor
        var on: Int32 = 1
        unsafe setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        #if canImport(Darwin)
            unsafe setsockopt(descriptor, SOL_SOCKET, SO_NOSIGPIPE, &on, socklen_t(MemoryLayout<Int32>.size))
        #endif
    }

    deinit { close(descriptor) }

    /// Limits how long `receive` and `send` wait, so that a silent peer does not keep a thread for ever.
    package func setPatience(seconds: Int) {
        var time = timeval()
        time.tv_sec = seconds
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            unsafe setsockopt(descriptor, SOL_SOCKET, option, &time, socklen_t(MemoryLayout<timeval>.size))
        }
    }

    /// Fixes the size of the kernel's receive buffer: how far a peer can send ahead.
    package func setReceiveBuffer(bytes: Int32) {
        var bytes = bytes
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &bytes, socklen_t(MemoryLayout<Int32>.size))
    }

    /// Up to `count` bytes; nil at the end of the stream, on an error, and when patience ran out.
    package func receive(upTo count: Int) -> [UInt8]? {
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            var received = unsafe recv(descriptor, buffer.baseAddress, buffer.count, 0)
            while received < 0, errno == EINTR { received = unsafe recv(descriptor, buffer.baseAddress, buffer.count, 0) }
            filled = max(0, received)
        }
        return bytes.isEmpty ? nil : bytes
    }

    /// Sends all bytes; false where the peer is gone.
    @discardableResult
    package func send(_ bytes: [UInt8]) -> Bool {
        unsafe bytes.withUnsafeBytes { unsafe send($0) }
    }

    /// Sends all bytes; false where the peer is gone.
    func send(_ bytes: UnsafeRawBufferPointer) -> Bool {
        #if canImport(Darwin)
            let flags: Int32 = 0
        #else
            let flags = Int32(truncatingIfNeeded: MSG_NOSIGNAL)
        #endif
        var sent = 0
        while sent < bytes.count {
            let count = unsafe Glibc.send(descriptor, bytes.baseAddress.map { unsafe $0 + sent }, bytes.count - sent, flags)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// Waits for so long, or until the peer has closed; true in that case. Bytes that arrive meanwhile stay unread.
    package func waitForEnd(milliseconds: Int) -> Bool {
        #if os(Linux)
            let peerClosed: Int16 = 0x2000  // POLLRDHUP, which the importer does not see
        #else
            let peerClosed = Int16(POLLHUP)
        #endif
        var events = pollfd(fd: descriptor, events: peerClosed, revents: 0)
        return unsafe poll(&events, 1, Int32(milliseconds)) > 0
    }

    /// Whether somebody accepts connections at `port` of 127.0.0.1.
    package static func isListening(port: UInt16) -> Bool {
        connected(port: port) != nil
    }

    /// A connection to `port` of 127.0.0.1, or nil where nobody listens.
    package static func connected(port: UInt16) -> Socket? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        var name = ListeningSocket.ipv4Name(port: port)
        let status = unsafe withUnsafeBytes(of: &name) { name -> Int32 in
            guard let address = unsafe name.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return -1 }
            return unsafe connect(descriptor, address, socklen_t(name.count))
        }
        guard status == 0 else {
            close(descriptor)
            return nil
        }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        return Socket(adopting: descriptor)
    }

    /// Ends both directions; whoever waits in `receive` or `send` returns.
    package func shutDown() {
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    /// Says that no more bytes will be sent; the peer sees the end of the stream.
    package func endSending() {
        shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Makes closing send a reset in place of an orderly end.
    package func resetOnClose() {
        var option = linger(l_onoff: 1, l_linger: 0)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }
}
