package import InstarServing
import InstarThreads
import Synchronization

/// An HTTP server that misbehaves exactly as a test says, request by request.
///
///     let server = try FaultyServer { request in [.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc"), .close] }
package final class FaultyServer: Sendable {
    /// One thing that the server does on a connection.
    package enum Step: Sendable {
        case send([UInt8])
        /// Sends a status line and fields; `Content-Length` only where given among them.
        case head(Int, [String] = [])
        /// Sends the byte again and again, so many times, each after a wait in milliseconds.
        case drip(UInt8, count: Int, milliseconds: Int)
        /// Sends zeros until the client goes away.
        case endless
        /// Sends nothing until the client goes away.
        case silence
        case wait(milliseconds: Int)
        /// Ends the connection in an orderly way.
        case close
        /// Ends the connection with a reset.
        case reset

        package static func send(_ text: String) -> Step { .send(Array(text.utf8)) }
    }

    /// What came: the head, and how many requests came before it.
    package struct Request: Sendable {
        package var head: RequestHead
        package var index: Int
        package var connection: Int

        /// The bytes that a `Range` field asks for; a missing end is nil.
        package var range: (first: UInt64, last: UInt64?)? {
            guard let field = head["range"], field.hasPrefix("bytes=") else { return nil }
            let bounds = field.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
            guard bounds.count == 2, let first = UInt64(bounds[0]) else { return nil }
            return (first, UInt64(bounds[1]))
        }
    }

    private let server: SocketServer
    private let log = RequestLog()

    package var port: UInt16 { server.port }
    package var url: String { "http://127.0.0.1:\(server.port)" }
    /// All requests so far.
    package var requests: [Request] { log.requests }
    package var connectionCount: Int { server.connectionCount }

    /// `script` answers each request; the connection then stays open for the next one.
    package init(script: @escaping @Sendable (Request) -> [Step]) throws {
        let log = log
        server = try SocketServer(name: "faulty") { socket in
            let connection = log.addConnection()
            var reader = HeadReader(socket: socket)
            while case .head(let head) = reader.next() {
                for step in script(log.add(head, connection)) {
                    guard Self.perform(step, on: socket) else { return }
                }
            }
        }
    }

    deinit { server.stop() }

    /// An honest answer to `request` over `object`: 200 or 206, with an entity tag.
    package static func honest(_ request: Request, _ object: [UInt8], entityTag: String = "\"1\"") -> [Step] {
        let answer = AnswerHead(
            for: request.head, size: UInt64(object.count), entityTag: entityTag, lastModified: HTTPDate.text(secondsSince1970: 0))
        let body = object[Int(answer.body.lowerBound)..<Int(answer.body.upperBound)]
        return [.send(answer.encoded(keepsAlive: true) + body)]
    }

    /// Does `step`; false where the connection is over.
    private static func perform(_ step: Step, on socket: Socket) -> Bool {
        switch step {
        case .send(let bytes): return socket.send(bytes)
        case .head(let status, let fields):
            return socket.send(Array((["HTTP/1.1 \(status) Status"] + fields + ["", ""]).joined(separator: "\r\n").utf8))
        case .drip(let byte, let count, let milliseconds):
            for _ in 0..<count {
                guard !socket.waitForEnd(milliseconds: milliseconds), socket.send([byte]) else { return false }
            }
            return true
        case .endless:
            let zeros = [UInt8](repeating: 0, count: 64 * 1024)
            while socket.send(zeros) {}
            return false
        case .silence:
            while socket.receive(upTo: 4096) != nil {}
            return false
        case .wait(let milliseconds): return !socket.waitForEnd(milliseconds: milliseconds)
        case .close: return false
        case .reset:
            socket.resetOnClose()
            return false
        }
    }
}

/// The requests of all connections, in the order of their arrival.
private final class RequestLog: Sendable {
    private struct State {
        var requests: [FaultyServer.Request] = []
        var connections = 0
    }
    private let state = Mutex(State())

    var requests: [FaultyServer.Request] { state.withLock { $0.requests } }

    func addConnection() -> Int {
        state.withLock { state in
            state.connections += 1
            return state.connections - 1
        }
    }

    func add(_ head: RequestHead, _ connection: Int) -> FaultyServer.Request {
        state.withLock { state in
            let request = FaultyServer.Request(head: head, index: state.requests.count, connection: connection)
            state.requests.append(request)
            return request
        }
    }
}
