import InstarServing
import InstarThreads
import InstarTransfer
import Synchronization
import TestSupport
import Testing

/// What the caller does to running transfers: slow reading, limits, pauses, ends, priorities.
@Suite struct ControlTests {
    /// A file of zeros that takes no space.
    private final class Zeros: Sendable {
        let folder = TemporaryFolder()
        let server: DevelopmentServer
        var url: String { server.url }

        init(_ bytes: Int, onRequest: @escaping @Sendable (DevelopmentServer.Served) -> Void = { _ in }) throws {
            try folder.lengthen(folder.write("big", []), to: bytes)
            server = try DevelopmentServer(root: folder.path, onRequest: onRequest)
        }
    }

    @Test func `a consumer that does not read stops the server`() throws {
        let served = Mutex<UInt64>(0)
        let server = try Zeros(1 << 30) { request in served.withLock { $0 = request.bytes } }
        let transfer = try Transfer(mirrors: [server.url], options: quick())
        let stream = transfer.open(TransferRequest(path: "big", range: 0..<1 << 30))
        _ = try stream.readBytes(1000)
        #expect(eventually { transfer.statistics.bytes >= UInt64(TransferLimits.bufferBytes / 2) })
        // Longer than the stall time: a client that does not read is no stalled server.
        let before = monotonicSeconds()
        while monotonicSeconds() - before < 1 { _ = eventually { monotonicSeconds() - before >= 1 } }
        #expect(transfer.statistics.bytes <= UInt64(TransferLimits.bufferBytes))
        #expect(transfer.statistics.mirrors[0].failures == 0)
        stream.cancel()
        #expect(eventually { served.withLock { $0 } > 0 })
        // What the kernel's buffers took, and not the gigabyte.
        #expect(served.withLock { $0 } < 64 << 20)
    }

    @Test(arguments: [500_000, 3_000_000] as [UInt64])
    func `the rate limit holds to within a tenth, over several streams`(rate: UInt64) throws {
        let server = try Zeros(1 << 24)
        let transfer = try Transfer(mirrors: [server.url], options: quick { $0.bytesPerSecond = rate })
        let total = rate * 2
        let started = monotonicSeconds()
        try Workers.forEach(count: 4, width: 4) { index in
            _ = try transfer.open(TransferRequest(path: "big", range: 0..<total / 4)).readBytes()
        }
        let measured = Double(total) / (monotonicSeconds() - started)
        #expect(abs(measured - Double(rate)) < Double(rate) / 10)
    }

    @Test func `a rate limit can be set and removed while bytes flow`() throws {
        let server = try Zeros(1 << 24)
        let transfer = try Transfer(mirrors: [server.url], options: quick { $0.bytesPerSecond = 10_000 })
        let stream = transfer.open(TransferRequest(path: "big", range: 0..<1 << 24))
        _ = try stream.readBytes(10_000)
        transfer.limitRate(nil)
        let started = monotonicSeconds()
        #expect(try stream.readBytes().count == (1 << 24) - 10_000)
        #expect(monotonicSeconds() - started < 10)
    }

    @Test func `a rate limit that is set while bytes flow holds to within a tenth from then on`() throws {
        let server = try Zeros(1 << 30)
        let transfer = try Transfer(mirrors: [server.url], options: quick())
        let stream = transfer.open(TransferRequest(path: "big", range: 0..<1 << 30))
        _ = try stream.readBytes(4_000_000)
        transfer.limitRate(1_000_000)
        // What was there already is not under the limit.
        _ = try stream.readBytes(600_000)
        let started = monotonicSeconds()
        _ = try stream.readBytes(2_000_000)
        let measured = 2_000_000 / (monotonicSeconds() - started)
        #expect(abs(measured - 1_000_000) < 100_000, "\(measured)")
    }

    @Test func `within a second of a pause no byte comes, and after it all of them`() throws {
        let object = sample(4_000_000)
        let server = try FaultyServer { FaultyServer.honest($0, object) }
        let transfer = try Transfer(mirrors: [server.url], options: quick { $0.bytesPerSecond = 2_000_000 })
        let stream = transfer.open(TransferRequest(path: "o", range: 0..<4_000_000))
        var read = try stream.readBytes(500_000)
        transfer.pause()
        #expect(eventually { transfer.statistics.isPaused && transfer.statistics.running == 0 })
        #expect(server.connectionCount == 0 || eventually { server.connectionCount == 0 })
        let paused = transfer.statistics.bytes
        let before = monotonicSeconds()
        _ = eventually { monotonicSeconds() - before > 1 }
        #expect(transfer.statistics.bytes == paused)
        transfer.resume()
        read += try stream.readBytes()
        #expect(read == object)
        #expect(transfer.statistics.mirrors[0].failures == 0)
    }

    @Test func `cancel ends a read that waits`() throws {
        let server = try FaultyServer { _ in [.silence] }
        let transfer = try Transfer(mirrors: [server.url])
        let stream = transfer.open(TransferRequest(path: "o"))
        let canceller = OSThread(name: "cancel") {
            _ = eventually { server.requests.count == 1 }
            stream.cancel()
        }
        let error = #expect(throws: TransferError.self) { try stream.readBytes() }
        #expect(error?.kind == .cancelled)
        canceller.join()
        #expect(eventually { server.connectionCount == 0 })
    }

    @Test func `stop ends every stream, and later ones fail at once`() throws {
        let server = try FaultyServer { _ in [.silence] }
        let transfer = try Transfer(mirrors: [server.url])
        let streams = (0..<5).map { _ in transfer.open(TransferRequest(path: "o")) }
        #expect(eventually { server.requests.count == 5 })
        transfer.stop()
        transfer.stop()
        for stream in streams + [transfer.open(TransferRequest(path: "o"))] {
            let error = #expect(throws: TransferError.self) { try stream.readBytes() }
            #expect(error?.kind == .cancelled)
        }
    }

    @Test func `cancelling everything leaves the transfer usable`() throws {
        let server = try FaultyServer { request in request.head.target == "/silent" ? [.silence] : FaultyServer.honest(request, [5]) }
        let transfer = try Transfer(mirrors: [server.url])
        let stream = transfer.open(TransferRequest(path: "silent"))
        #expect(eventually { server.requests.count == 1 })
        transfer.cancelAll()
        #expect(throws: TransferError.self) { try stream.readBytes() }
        #expect(try transfer.get("o", limit: 5).bytes == [5])
    }

    @Test func `a stream that is dropped lets its connection go`() throws {
        let server = try FaultyServer { _ in [.silence] }
        let transfer = try Transfer(mirrors: [server.url])
        do {
            let stream = transfer.open(TransferRequest(path: "o"))
            #expect(eventually { server.requests.count == 1 })
            _ = stream.position
        }
        #expect(eventually { server.connectionCount == 0 && transfer.statistics.running == 0 })
    }

    @Test func `waiting requests start in the order of their priority, and metadata does not wait`() throws {
        let gate = Mutex(false)
        let server = try FaultyServer { request in
            while request.head.target == "/first", !gate.withLock({ $0 }) { _ = eventually { gate.withLock { $0 } } }
            return FaultyServer.honest(request, [1])
        }
        let transfer = try Transfer(mirrors: [server.url], options: TransferOptions().with { $0.parallelRequests = 1 })
        let first = transfer.open(TransferRequest(path: "first"))
        #expect(eventually { server.requests.count == 1 })
        let streams = [("background", TransferRequest.Priority.background), ("asset", .asset), ("module", .module)].map {
            transfer.open(TransferRequest(path: $0.0, priority: $0.1))
        }
        #expect(try transfer.get("metadata", limit: 1).bytes == [1])
        gate.withLock { $0 = true }
        for stream in [first] + streams.reversed() { #expect(try stream.readBytes() == [1]) }
        #expect(server.requests.map(\.head.target) == ["/first", "/metadata", "/module", "/asset", "/background"])
    }

    @Test func `in the background two requests run at a time`() throws {
        let server = try FaultyServer { _ in [.silence] }
        let transfer = try Transfer(mirrors: [server.url], options: TransferOptions().with { $0.mode = .background })
        let streams = (0..<6).map { _ in transfer.open(TransferRequest(path: "o")) }
        #expect(eventually { server.requests.count == 2 })
        #expect(transfer.statistics.running == 2)
        for stream in streams { stream.cancel() }
    }

    @Test func `on a metered line no byte is read to reach a range`() throws {
        let object = sample(10_000)
        let server = try FaultyServer { _ in [.head(200, ["Content-Length: 10000"]), .send(object)] }
        let transfer = try Transfer(mirrors: [server.url], options: quick { $0.mode = .metered })
        let error = #expect(throws: TransferError.self) { try transfer.open(TransferRequest(path: "o", range: 10..<20)).readBytes() }
        #expect(error?.fault == .rangeIgnored)
    }

    @Test func `progress tells bytes, rate and time left`() throws {
        let server = try Zeros(1 << 22)
        let events = Mutex<[TransferStatistics]>([])
        let transfer = try Transfer(mirrors: [server.url], options: quick { $0.bytesPerSecond = 4_000_000 }) { event in
            events.withLock { $0.append(event) }
        }
        transfer.expect(bytes: 1 << 22, saved: 77)
        _ = try transfer.open(TransferRequest(path: "big", range: 0..<1 << 22)).readBytes()
        let seen = events.withLock { $0 }
        #expect(seen.count >= 5)
        #expect(zip(seen, seen.dropFirst()).allSatisfy { $0.bytes <= $1.bytes })
        let middle = try #require(seen.first { $0.bytes > 2_000_000 })
        #expect(abs(middle.bytesPerSecond - 4_000_000) < 1_500_000)
        #expect(try #require(middle.secondsLeft) < 1.2)
        #expect(middle.savedBytes == 77)
    }

    @Test func `an empty range is complete without a request`() throws {
        let server = try FaultyServer { _ in [.reset] }
        let transfer = try Transfer(mirrors: [server.url])
        #expect(try transfer.open(TransferRequest(path: "o", range: 5..<5)).readBytes() == [])
        #expect(server.requests.isEmpty)
    }
}

extension TransferOptions {
    fileprivate func with(_ change: (inout TransferOptions) -> Void) -> TransferOptions {
        var options = self
        change(&options)
        return options
    }
}
