import InstarServing
import InstarThreads
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A TCP relay in front of a server that behaves like a long line: round-trip time, one bottleneck for all
/// connections, and packet loss with what TCP makes of it.
///
/// Bytes towards the client pass a model of one TCP sender for each connection: a congestion window that starts at
/// ten packets, doubles each round trip until the first loss, shrinks to seven tenths at a loss (as CUBIC does) and grows by a
/// packet a round trip afterwards; a lost packet and all behind it come one round trip later. All connections share a
/// bottleneck with a queue of one round trip; what does not fit is lost. It is a model, not a network: figures from it compare
/// ways of using a line with each other.
package final class LineRelay: Sendable {
    /// How the line is.
    package struct Line: Hashable, Sendable {
        /// Seconds.
        package var roundTrip: Double
        /// Bytes a second towards the client.
        package var bytesPerSecond: Double
        /// The share of packets that is lost.
        package var loss: Double

        package init(roundTrip: Double, bytesPerSecond: Double, loss: Double = 0) {
            self.roundTrip = roundTrip
            self.bytesPerSecond = bytesPerSecond
            self.loss = loss
        }
    }

    private let server: SocketServer
    private let bottleneck: Bottleneck

    package var port: UInt16 { server.port }
    /// Bytes that were delivered to clients.
    package var bytes: UInt64 { bottleneck.delivered }

    /// Relays to `target`, a port of 127.0.0.1.
    package init(to target: UInt16, line: Line) throws {
        let bottleneck = Bottleneck(line)
        self.bottleneck = bottleneck
        server = try SocketServer(name: "relay") { client in
            guard let origin = Socket.connected(port: target) else { return }
            // Small buffers: what waits in them is no longer under the model's control.
            origin.setReceiveBuffer(bytes: 64 * 1024)
            let up = OSThread(name: "relay-up") { Self.relayUp(client, origin, line) }
            RelayedConnection(bottleneck, line).relayDown(origin, client)
            client.shutDown()
            origin.shutDown()
            up.join()
        }
    }

    deinit { server.stop() }

    /// Requests take half a round trip; the first one also the round trip of TCP's handshake.
    private static func relayUp(_ client: Socket, _ origin: Socket, _ line: Line) {
        let queue = BlockingQueue<(bytes: [UInt8], due: Double)>()
        let sender = OSThread(name: "relay-send") {
            while let piece = queue.next() {
                sleep(until: piece.due)
                origin.send(piece.bytes)
            }
            origin.endSending()
        }
        var extra = line.roundTrip
        while let bytes = client.receive(upTo: 16 * 1024) {
            queue.append((bytes, monotonicTime() + line.roundTrip / 2 + extra))
            extra = 0
        }
        queue.close()
        sender.join()
    }
}

/// The slowest hop, shared by all connections.
private final class Bottleneck: Sendable {
    private struct State {
        /// When the last queued packet will have passed.
        var freeAt = 0.0
        var delivered: UInt64 = 0
        var random = SystemRandomNumberGenerator()
    }
    private let line: LineRelay.Line
    private let state = Mutex(State())

    init(_ line: LineRelay.Line) { self.line = line }

    var delivered: UInt64 { state.withLock { $0.delivered } }

    /// Sends a packet at `now`: when it has passed, or nil where it is lost.
    func send(_ bytes: Int, now: Double) -> Double? {
        state.withLock { state in
            let start = max(now, state.freeAt)
            guard start - now <= max(line.roundTrip, 0.01) else { return nil }
            // A lost packet took its time on the line all the same.
            state.freeAt = start + Double(bytes) / line.bytesPerSecond
            return Double.random(in: 0..<1, using: &state.random) < line.loss ? nil : state.freeAt
        }
    }

    func deliver(_ bytes: Int) { state.withLock { $0.delivered += UInt64(bytes) } }
}

/// One connection's way towards the client.
private struct RelayedConnection {
    private static let packetBytes = 1460
    private let bottleneck: Bottleneck
    private let line: LineRelay.Line
    private var window = 10.0
    private var threshold = Double.infinity
    private var recoversUntil = 0.0
    private var lastArrival = 0.0
    /// When each packet in flight will be acknowledged, oldest first.
    private var acknowledgements: [Double] = []
    private var oldest = 0

    init(_ bottleneck: Bottleneck, _ line: LineRelay.Line) {
        self.bottleneck = bottleneck
        self.line = line
    }

    consuming func relayDown(_ origin: Socket, _ client: Socket) {
        let queue = BlockingQueue<(bytes: [UInt8], due: Double)>(capacity: 4096)
        let bottleneck = bottleneck
        let sender = OSThread(name: "relay-send") {
            while let piece = queue.next() {
                sleep(until: piece.due)
                bottleneck.deliver(piece.bytes.count)
                guard client.send(piece.bytes) else { break }
            }
            client.shutDown()
            origin.shutDown()
            // Whoever still appends finds the queue closed.
            queue.close()
        }
        while let bytes = origin.receive(upTo: 32 * 1024) {
            var isOpen = true
            for start in stride(from: 0, to: bytes.count, by: Self.packetBytes) where isOpen {
                let packet = Array(bytes[start..<min(start + Self.packetBytes, bytes.count)])
                isOpen = queue.append((packet, send(packet.count)))
            }
            if !isOpen { break }
        }
        queue.close()
        sender.join()
    }

    /// Waits for the window and answers when the packet arrives at the client.
    private mutating func send(_ bytes: Int) -> Double {
        var now = monotonicTime()
        drop(acknowledgedBy: now)
        // A window that shrank lets nothing pass until enough of what is in flight is acknowledged.
        while acknowledgements.count - oldest >= Int(window) {
            sleep(until: acknowledgements[oldest])
            now = monotonicTime()
            drop(acknowledgedBy: now)
        }
        var passed = bottleneck.send(bytes, now: now)
        var delay = 0.0
        while passed == nil, delay < 10 * line.roundTrip {
            lose(now)
            delay += max(line.roundTrip, 0.01)
            passed = bottleneck.send(bytes, now: now + delay)
        }
        lastArrival = max(lastArrival, (passed ?? now + delay) + line.roundTrip / 2)
        acknowledgements.append(lastArrival + line.roundTrip / 2)
        return lastArrival
    }

    private mutating func drop(acknowledgedBy now: Double) {
        while oldest < acknowledgements.count, acknowledgements[oldest] <= now {
            oldest += 1
            window += window < threshold ? 1 : 1 / window
        }
        if oldest > 1024 {
            acknowledgements.removeFirst(oldest)
            oldest = 0
        }
    }

    /// One loss within a round trip shrinks the window once.
    private mutating func lose(_ now: Double) {
        guard now >= recoversUntil else { return }
        window = max(2, window * 0.7)
        threshold = window
        recoversUntil = now + line.roundTrip
    }
}

private func monotonicTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

private func sleep(until due: Double) {
    let seconds = due - monotonicTime()
    if seconds > 50e-6 { usleep(UInt32(min(seconds, 10) * 1e6)) }
}
