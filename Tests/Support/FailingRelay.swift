import InstarServing
import InstarThreads
import Synchronization

/// A relay in front of a server that is gone for good after so many bytes: then every connection ends, and every new one at once.
package final class FailingRelay: Sendable {
    private let server: SocketServer
    private let budget: Budget

    package var url: String { "http://127.0.0.1:\(server.port)" }
    /// True once it is gone.
    package var isGone: Bool { budget.isUsedUp }

    /// Relays to `target`, a port of 127.0.0.1, until `bytes` have gone to clients.
    package init(to target: UInt16, bytes: Int) throws {
        let budget = Budget(bytes)
        self.budget = budget
        server = try SocketServer(name: "relay") { client in
            guard !budget.isUsedUp, let origin = Socket.connected(port: target) else { return }
            let up = OSThread(name: "relay-up") {
                while let bytes = client.receive(upTo: 16 * 1024), origin.send(bytes) {}
                origin.shutDown()
            }
            while let bytes = origin.receive(upTo: 16 * 1024) {
                let count = budget.take(bytes.count)
                guard client.send(Array(bytes.prefix(count))), count == bytes.count else { break }
            }
            client.shutDown()
            origin.shutDown()
            up.join()
        }
    }

    deinit { server.stop() }
}

/// Bytes that all connections of a relay may still send.
private final class Budget: Sendable {
    private let left: Mutex<Int>

    init(_ bytes: Int) { left = Mutex(bytes) }

    var isUsedUp: Bool { left.withLock { $0 == 0 } }

    /// How many of `count` bytes may go.
    func take(_ count: Int) -> Int {
        left.withLock { left in
            let taken = min(left, count)
            left -= taken
            return taken
        }
    }
}
