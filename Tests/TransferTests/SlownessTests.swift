import InstarTransfer
import TestSupport
import Testing

/// Mirrors that answer, but slowly: a request leaves them for a better one, and never goes in circles.
@Suite struct SlownessTests {
    @Test func `the speed is that of the last window, not of the whole request`() {
        var slowness = Slowness(window: 2)
        #expect(slowness.speed(seconds: 1.9, bytes: 1_000_000) == nil)
        #expect(slowness.speed(seconds: 2, bytes: 1_000_000) == 500_000)
        #expect(slowness.secondsLeft(seconds: 3.5) == 0.5)
        #expect(slowness.speed(seconds: 4, bytes: 1_000_200) == 100)
    }

    @Test func `a request is moved for a mirror that is known to be much faster, or to try an unknown one`() {
        #expect(Slowness.isWorthMoving(from: 10_000, to: 50_000))
        #expect(!Slowness.isWorthMoving(from: 10_000, to: 30_000))
        #expect(Slowness.isWorthMoving(from: 10_000, to: nil))
        #expect(!Slowness.isWorthMoving(from: 1_000_000, to: nil))
    }

    @Test func `a mirror that was left for its slowness is asked again only where nobody else is ready`() {
        var attempts = TransferAttempts(mirrorCount: 2)
        attempts.moved(from: 0)
        #expect(!attempts.isOpen(0, now: 0))
        #expect(attempts.decide(now: 0, order: [0, 1], resting: [0, 0]) == .attempt(mirror: 1))
        attempts.failed(.stalled, mirror: 1, now: 0, chance: 0)
        #expect(attempts.decide(now: 0, order: [0, 1], resting: [0, 0]) == .attempt(mirror: 0))
    }

    @Test func `a slow mirror's request goes on elsewhere at once, from the byte reached`() throws {
        let object = sample(400_000)
        let slow = try dripping(object)
        let good = try FaultyServer { FaultyServer.honest($0, object) }
        let transfer = try Transfer(mirrors: [slow.url, good.url], options: quick { ($0.slowSeconds, $0.stallSeconds) = (0.3, 30) })
        let started = monotonicSeconds()
        let stream = transfer.open(TransferRequest(path: "o", range: 0..<400_000, objectLength: 400_000))
        #expect(try stream.readBytes() == object)
        #expect(monotonicSeconds() - started < 5)
        #expect(slow.requests.count == 1)
        let first = try #require(good.requests.first?.range?.first)
        #expect(first > 0 && first < 400_000)
        #expect(transfer.scores.penalty(of: slow.url + "/", now: .zero) >= TransferLimits.slowPenalty)
        #expect(transfer.scores.order(of: [slow.url + "/", good.url + "/"], turn: 0, now: .zero) == [1, 0])
    }

    @Test func `two slow mirrors do not pass a request to and fro`() throws {
        let object = sample(1500)
        let servers = [try dripping(object), try dripping(object)]
        defer { withExtendedLifetime(servers) {} }
        let transfer = try Transfer(mirrors: servers.map(\.url), options: quick { ($0.slowSeconds, $0.stallSeconds) = (0.2, 30) })
        let stream = transfer.open(TransferRequest(path: "o", range: 0..<1500, objectLength: 1500))
        #expect(try stream.readBytes() == object)
        #expect(servers.allSatisfy { $0.requests.count <= 1 })
    }

    @Test func `a slow mirror without a better one delivers to the end`() throws {
        let object = sample(1000)
        let slow = try dripping(object)
        let dead = try FaultyServer { _ in [.reset] }
        let transfer = try Transfer(mirrors: [slow.url, dead.url], options: quick { ($0.slowSeconds, $0.stallSeconds) = (0.1, 30) })
        let stream = transfer.open(TransferRequest(path: "o", range: 0..<1000, objectLength: 1000))
        #expect(try stream.readBytes() == object)
    }

    @Test func `under a rate limit no mirror is blamed for the limit`() throws {
        let object = sample(60_000)
        let servers = [try FaultyServer { FaultyServer.honest($0, object) }, try FaultyServer { FaultyServer.honest($0, object) }]
        let options = quick { ($0.slowSeconds, $0.bytesPerSecond) = (0.1, 60_000) }
        let transfer = try Transfer(mirrors: servers.map(\.url), options: options)
        let stream = transfer.open(TransferRequest(path: "o", range: 0..<60_000, objectLength: 60_000))
        #expect(try stream.readBytes() == object)
        #expect(servers.map(\.requests.count) == [1, 0])
    }

    /// A server that answers honestly and sends about a thousand bytes a second.
    private func dripping(_ object: [UInt8]) throws -> FaultyServer {
        try FaultyServer { request in
            let first = Int(request.range?.first ?? 0)
            let head = ["Content-Range: bytes \(first)-\(object.count - 1)/\(object.count)", "Content-Length: \(object.count - first)"]
            return [.head(206, head)]
                + object[first...].prefix(60_000).map { .drip($0, count: 1, milliseconds: 1) }
        }
    }
}
