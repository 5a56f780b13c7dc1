import InstarServing
import InstarTransfer
import Synchronization
import TestSupport
import Testing

/// Several servers, some of them bad: the transfer goes on elsewhere, and remembers.
@Suite struct MirrorTests {
    private let object = sample(400_000)

    private func good() throws -> FaultyServer {
        let object = object
        return try FaultyServer { FaultyServer.honest($0, object) }
    }

    @Test(arguments: 0..<7)
    func `whatever the first mirror does wrong, the second one delivers`(fault: Int) throws {
        let object = object
        let bad = try FaultyServer { request in
            switch fault {
            case 0: [.head(404, ["Content-Length: 0"])]
            case 1: [.silence]
            case 2: [.reset]
            case 3: [.head(200, ["Content-Type: text/html"]), .send("<html>"), .close]
            case 4: [.head(206, ["Content-Range: bytes 0-399999/400000"]), .send(Array(object[..<1000])), .close]
            case 5: [.head(503, ["Retry-After: 50", "Content-Length: 0"])]
            default: [.drip(7, count: 1000, milliseconds: 20)]
            }
        }
        let good = try good()
        let transfer = try Transfer(mirrors: [bad.url, good.url], options: quick())
        let started = monotonicSeconds()
        let stream = transfer.open(TransferRequest(path: "o", range: 0..<400_000, objectLength: 400_000))
        #expect(try stream.readBytes() == object)
        #expect(monotonicSeconds() - started < 5)
        let now = transfer.scores
        #expect(now.penalty(of: bad.url + "/", now: .zero) >= 1)
        #expect(now.penalty(of: good.url + "/", now: .zero) == 0)
    }

    @Test func `a dead mirror is not asked by the next run`() throws {
        let bad = try FaultyServer { _ in [.head(500, ["Content-Length: 0"])] }
        let good = try good()
        let first = try Transfer(mirrors: [bad.url, good.url], options: quick())
        #expect(try first.get("o", limit: 1 << 20).bytes == object)
        #expect(bad.requests.count == 1)
        let second = try Transfer(mirrors: [bad.url, good.url], options: quick { $0.scores = first.scores })
        #expect(try second.get("o", limit: 1 << 20).bytes == object)
        #expect(bad.requests.count == 1)
    }

    @Test func `bytes that the consumer rejects come again from another mirror, from where they were wrong`() throws {
        let object = object
        var damaged = object
        damaged[150_000] ^= 1
        let wrong = damaged
        let bad = try FaultyServer { FaultyServer.honest($0, wrong) }
        let good = try good()
        let transfer = try Transfer(mirrors: [bad.url, good.url], options: quick())
        let stream = transfer.open(TransferRequest(path: "o", range: 0..<400_000, objectLength: 400_000))
        let read = try stream.readBytes(200_000)
        #expect(read[..<150_000] == object[..<150_000])
        #expect(read[150_000] != object[150_000])
        stream.rejectBytes(from: 131_072)
        #expect(try stream.readBytes() == Array(object[131_072...]))
        #expect(good.requests.first?.range?.first == 131_072)
        #expect(transfer.scores.penalty(of: bad.url + "/", now: .zero) >= TransferFault.rejected.penalty)
    }

    @Test func `bytes can be rejected after the end of the stream`() throws {
        let object = object
        let wrong = try FaultyServer { FaultyServer.honest($0, [UInt8](repeating: 0, count: object.count)) }
        let good = try good()
        let transfer = try Transfer(mirrors: [wrong.url, good.url], options: quick())
        let stream = transfer.open(TransferRequest(path: "o", range: 0..<400_000, objectLength: 400_000))
        #expect(try stream.readBytes() != object)
        stream.rejectBytes(from: 0)
        #expect(try stream.readBytes() == object)
    }

    @Test func `the only mirror gets one more chance for wrong bytes, then it is wrong data`() throws {
        let object = object
        let server = try FaultyServer { FaultyServer.honest($0, object) }
        let transfer = try Transfer(mirrors: [server.url], options: quick())
        let stream = transfer.open(TransferRequest(path: "o", range: 0..<400_000, objectLength: 400_000))
        _ = try stream.readBytes()
        stream.rejectBytes(from: 0)
        #expect(try stream.readBytes() == object)
        stream.rejectBytes(from: 1000)
        let error = #expect(throws: TransferError.self) { try stream.readBytes() }
        #expect(error?.fault == .rejected)
        #expect(error?.kind == .wrongData)
        #expect(server.requests.count == 2)
    }

    @Test func `a small object that was wrong is fetched elsewhere next time`() throws {
        let bad = try FaultyServer { FaultyServer.honest($0, [0]) }
        let good = try FaultyServer { FaultyServer.honest($0, [1]) }
        let transfer = try Transfer(mirrors: [bad.url, good.url], options: quick())
        let answer = try transfer.get("o", limit: 10)
        #expect(answer == .found([0], mirror: 0))
        transfer.reject(answer)
        #expect(try transfer.get("o", limit: 10) == .found([1], mirror: 1))
    }

    @Test func `when all mirrors are out the error is no server, and a later run continues`() throws {
        let object = object
        let isUp = Mutex(false)
        let script: @Sendable (FaultyServer.Request) -> [FaultyServer.Step] = { request in
            isUp.withLock { $0 } ? FaultyServer.honest(request, object) : [.reset]
        }
        let servers = [try FaultyServer(script: script), try FaultyServer(script: script)]
        // The optimiser ends a life at its last mention, and a server with it.
        defer { withExtendedLifetime(servers) {} }
        let transfer = try Transfer(mirrors: servers.map(\.url), options: quick())
        let error = #expect(throws: TransferError.self) { try transfer.get("o", limit: 1 << 20) }
        #expect(error?.kind == .noServer)
        isUp.withLock { $0 = true }
        let later = try Transfer(mirrors: servers.map(\.url), options: quick { $0.scores = transfer.scores })
        #expect(try later.get("o", limit: 1 << 20).bytes == object)
    }

    @Test func `many streams learn from the first one's failure`() throws {
        let object = object
        let bad = try FaultyServer { _ in [.head(500, ["Content-Length: 0"])] }
        let good = try good()
        let transfer = try Transfer(mirrors: [bad.url, good.url], options: quick())
        #expect(try transfer.get("o", limit: 1 << 20).bytes == object)
        for _ in 0..<6 { #expect(try transfer.get("o", limit: 1 << 20).bytes == object) }
        #expect(bad.requests.count == 1)
    }
}
