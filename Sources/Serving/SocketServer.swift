package import SystemPackage
internal import InstarThreads

/// Accepts connections on loopback and serves each on a thread of its own, until it is stopped.
package final class SocketServer: Sendable {
    /// Connections served at one time; more wait in the kernel's queue. Stops a client that opens sockets without end
    /// from using up threads.
    package static let connectionLimit = 256

    private struct State {
        var connections: [UInt64: Socket] = [:]
        var next: UInt64 = 0
        var isStopped = false
    }

    private let listener: ListeningSocket
    private let state = Monitor(State())
    private let acceptor: OSThread

    package var port: UInt16 { listener.port }

    /// `serve` is called for each connection on its own thread; the connection is closed when it returns.
    package init(
        _ address: ListeningSocket.Loopback = .ipv4, port: UInt16 = 0, name: String, serve: @escaping @Sendable (Socket) -> Void
    ) throws(Errno) {
        let listener = try ListeningSocket(address, port: port)
        let state = state
        self.listener = listener
        acceptor = OSThread(name: name) { Self.accept(listener, state, serve) }
    }

    /// Closes the port and every connection, and waits until their threads are through.
    package func stop() {
        state.withLock { state in
            state.isStopped = true
            for socket in state.connections.values { socket.shutDown() }
        }
        listener.shutDown()
        acceptor.join()
        state.wait(until: { $0.connections.isEmpty }) { _ in }
    }

    /// The connections that are open now.
    package var connectionCount: Int { state.withLock { $0.connections.count } }

    private static func accept(_ listener: ListeningSocket, _ state: Monitor<State>, _ serve: @escaping @Sendable (Socket) -> Void) {
        while true {
            state.wait(until: { $0.connections.count < connectionLimit || $0.isStopped }) { _ in }
            guard let socket = listener.accept() else { return }
            let key: UInt64? = state.withLock { state in
                guard !state.isStopped else { return nil }
                state.next += 1
                state.connections[state.next] = socket
                return state.next
            }
            guard let key else { return }
            _ = OSThread(name: "instar-serve") {
                serve(socket)
                socket.shutDown()
                state.withLock { _ = $0.connections.removeValue(forKey: key) }
            }
        }
    }
}
