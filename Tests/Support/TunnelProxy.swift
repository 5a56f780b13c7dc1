package import InstarServing
import InstarThreads

/// A proxy on loopback that opens tunnels (`CONNECT`), whatever host is asked for, to a port of this machine.
package final class TunnelProxy: Sendable {
    private let server: SocketServer
    private let heads = Monitor([RequestHead]())

    package var url: String { "http://127.0.0.1:\(server.port)" }
    package var port: UInt16 { server.port }
    /// The heads of the requests for a tunnel so far.
    package var requests: [RequestHead] { heads.withLock { $0 } }

    /// Tunnels lead to the port that the client names, or always to `target`.
    package init(to target: UInt16? = nil) throws {
        let heads = heads
        server = try SocketServer(name: "proxy") { client in
            var reader = HeadReader(socket: client)
            guard case .head(let head) = reader.next() else { return }
            heads.withLock { $0.append(head) }
            let named = head.target.split(separator: ":").last.flatMap { UInt16($0) }
            guard head.method == "CONNECT", let port = target ?? named, let origin = Socket.connected(port: port) else {
                client.send(Array("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n".utf8))
                return
            }
            client.send(Array("HTTP/1.1 200 Connection established\r\n\r\n".utf8))
            Self.join(client, origin)
        }
    }

    deinit { server.stop() }

    /// Passes bytes in both directions until either end is through.
    private static func join(_ client: Socket, _ origin: Socket) {
        let up = OSThread(name: "proxy-up") { pass(from: client, to: origin) }
        pass(from: origin, to: client)
        up.join()
    }

    private static func pass(from source: Socket, to target: Socket) {
        while let bytes = source.receive(upTo: 64 * 1024), target.send(bytes) {}
        source.shutDown()
        target.shutDown()
    }
}
