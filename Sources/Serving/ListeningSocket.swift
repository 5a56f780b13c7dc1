package import SystemPackage
#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// A TCP socket that listens on a loopback address.
package final class ListeningSocket: Sendable {
    /// The addresses that only this machine reaches.
    package enum Loopback: Sendable {
        case ipv4
        case ipv6
    }

    /// Connections that wait for `accept`; a client that opens 16 at once never meets a full queue.
    private static let backlog: Int32 = 256

    private let descriptor: Int32
    /// The port in use; chosen by the system where 0 was asked for.
    package let port: UInt16

    package init(_ address: Loopback = .ipv4, port: UInt16 = 0) throws(Errno) {
        let family = address == .ipv4 ? AF_INET : AF_INET6
        #if canImport(Darwin)
            let descriptor = socket(family, SOCK_STREAM, 0)
        #else
            let descriptor = socket(family, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        #endif
        guard descriptor >= 0 else { throw Errno(rawValue: errno) }
        var on: Int32 = 1
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        guard Self.bind(descriptor, address, port), listen(descriptor, Self.backlog) == 0 else {
            let reason = Errno(rawValue: errno)
            close(descriptor)
            throw reason
        }
        self.descriptor = descriptor
        self.port = Self.boundPort(descriptor)
    }

    deinit { close(descriptor) }

    /// The next connection, or nil once `shutDown` was called.
    package func accept() -> Socket? {
        while true {
            let connection = Glibc.accept(descriptor, nil, nil)
            if connection >= 0 {
                _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
                return Socket(adopting: connection)
            }
            // A client that gave up while it waited, or a moment without free descriptors, is no reason to stop.
            guard [EINTR, ECONNABORTED, EMFILE, ENFILE].contains(errno) else { return nil }
            if errno == EMFILE || errno == ENFILE { usleep(10_000) }
        }
    }

    /// Ends `accept` and refuses new connections.
    package func shutDown() {
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    private static func bind(_ descriptor: Int32, _ address: Loopback, _ port: UInt16) -> Bool {
        switch address {
        case .ipv4:
            var name = ipv4Name(port: port)
            return unsafe withUnsafeBytes(of: &name) { unsafe bind(descriptor, $0) }
        case .ipv6:
            var name = sockaddr_in6()
            name.sin6_family = sa_family_t(AF_INET6)
            name.sin6_port = port.bigEndian
            name.sin6_addr = in6addr_loopback
            return unsafe withUnsafeBytes(of: &name) { unsafe bind(descriptor, $0) }
        }
    }

    /// 127.0.0.1 with `port`, as C wants it.
    static func ipv4Name(port: UInt16) -> sockaddr_in {
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = port.bigEndian
        name.sin_addr = in_addr(s_addr: UInt32(0x7F00_0001).bigEndian)
        return name
    }

    private static func bind(_ descriptor: Int32, _ name: UnsafeRawBufferPointer) -> Bool {
        guard let address = unsafe name.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return false }
        return unsafe Glibc.bind(descriptor, address, socklen_t(name.count)) == 0
    }

    private static func boundPort(_ descriptor: Int32) -> UInt16 {
        var name = sockaddr_in6()
        var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
        unsafe withUnsafeMutableBytes(of: &name) { buffer in
            guard let address = unsafe buffer.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return }
            _ = unsafe getsockname(descriptor, address, &length)
        }
        // The port lies at the same place in the addresses of both families.
        return UInt16(bigEndian: name.sin6_port)
    }
}
