package import SystemPackage
#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Serves the files of one folder to this machine over HTTP/1.1: GET and HEAD, one byte range a request, validators,
/// keep-alive. For development and tests; in production any web server or CDN does this better.
///
/// It reads and never writes, refuses symbolic links and everything outside the folder, and listens on loopback only.
package final class DevelopmentServer: Sendable {
    /// One answered request, for whoever logs.
    package struct Served: Hashable, Sendable {
        package var method: String
        package var target: String
        package var range: String?
        package var status: Int
        /// Body bytes that were handed to the kernel.
        package var bytes: UInt64
    }

    /// How long an idle connection is kept, in seconds.
    private static let patience = 60

    private let root: FilePath
    private let rootDescriptor: FileDescriptor
    private let server: SocketServer

    package var port: UInt16 { server.port }
    /// What clients are given as the base address.
    package let url: String

    /// Begins to serve `root`. Port 0 lets the system choose a free one.
    package init(
        root: FilePath, address: ListeningSocket.Loopback = .ipv4, port: UInt16 = 0,
        onRequest: @escaping @Sendable (Served) -> Void = { _ in }
    ) throws(Errno) {
        do {
            rootDescriptor = try FileDescriptor.open(root, .readOnly, options: [.directory, .closeOnExec])
        } catch { throw error as? Errno ?? .ioError }
        self.root = root
        let descriptor = rootDescriptor.rawValue
        do throws(Errno) {
            server = try SocketServer(address, port: port, name: "instar-accept") { socket in
                socket.setPatience(seconds: Self.patience)
                Exchange(socket: socket, root: descriptor, onRequest: onRequest).serve()
            }
        } catch {
            close(descriptor)
            throw error
        }
        url = "http://\(address == .ipv4 ? "127.0.0.1" : "[::1]"):\(server.port)"
    }

    /// Closes the port and every connection.
    package func stop() {
        server.stop()
    }

    deinit {
        server.stop()
        try? rootDescriptor.close()
    }
}
