import InstarDownload
import InstarPlan
import InstarThreads
import InstarTransfer
import Synchronization
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Ranges over a line on which they come slowly, and what must not be taken for one.
@Suite struct SlowLineTests {
    /// Forty frames in one range.
    private let bundle: Bundle
    /// A line on which the range takes seconds.
    private let line = LineRelay.Line(roundTrip: 0.03, bytesPerSecond: 300_000, loss: 0.01)

    init() throws {
        bundle = try Bundle(frames: (0..<40).map { [sample(20_000, seed: UInt8($0))] })
    }

    @Test func `a range that comes slowly is shared among more connections, and every chunk arrives once`() throws {
        let (server, relay, transfer) = try overLine()
        try expectAll(of: bundle, over: transfer, from: [server, relay])
        let added = transfer.statistics.sharingRequests
        #expect(added > 0)
        #expect(transfer.statistics.requests == 1 + added && server.requests.count == Int(1 + added))
        #expect(Set(server.requests.map(\.connection)).count > 1)
        #expect(Set(server.requests.map { $0.range?.first }).count == server.requests.count)
        // What libcurl hands over at once when the range ends sooner than it was asked for.
        #expect(transfer.statistics.bytes <= UInt64(bundle.bytes.count) + added * 128 * 1024)
    }

    @Test func `ranges that come fast are read with the planned requests`() throws {
        let bytes = bundle.bytes
        let server = try FaultyServer { FaultyServer.honest($0, bytes) }
        let transfer = try Transfer(mirrors: [server.url])
        try expectAll(of: bundle, cut: 12, over: transfer, from: [server])
        #expect(server.requests.count == 12)
        #expect(transfer.statistics.requests == 12 && transfer.statistics.sharingRequests == 0)
    }

    @Test(arguments: [TransferOptions.Mode.background, .metered])
    func `the polite modes ask for nothing beyond the plan`(mode: TransferOptions.Mode) throws {
        var options = TransferOptions()
        options.mode = mode
        let (server, relay, transfer) = try overLine(options)
        try expectAll(of: bundle, over: transfer, from: [server, relay])
        #expect(server.requests.count == 1)
    }

    @Test(arguments: [true, false])
    func `under a rate limit nothing is shared, whenever it was set`(isSetLater: Bool) throws {
        var options = TransferOptions()
        options.bytesPerSecond = isSetLater ? nil : 400_000
        let bytes = bundle.bytes
        let server = try FaultyServer { FaultyServer.honest($0, bytes) }
        let transfer = try Transfer(mirrors: [server.url], options: options)
        if isSetLater { transfer.limitRate(400_000) }
        try expectAll(of: bundle, over: transfer, from: [server])
        #expect(server.requests.count == 1)
    }

    @Test func `a damaged frame in a part that was taken over comes from another mirror`() throws {
        let bytes = bundle.bytes
        var wrong = bytes
        for frame in bundle.fetch.frames[20...] { wrong[Int(frame.offset) + 100] ^= 1 }
        let damaged = wrong
        let servers = [
            try FaultyServer { FaultyServer.honest($0, damaged) }, try FaultyServer { FaultyServer.honest($0, bytes) },
        ]
        let relays = try servers.map { try LineRelay(to: $0.port, line: line) }
        let transfer = try Transfer(mirrors: relays.map { "http://127.0.0.1:\($0.port)" })
        try expectAll(of: bundle, over: transfer, from: servers as [AnyObject] + relays)
        #expect(transfer.statistics.sharingRequests > 0)
        #expect(transfer.statistics.mirrors[0].failures > 0 && transfer.statistics.mirrors[1].failures == 0)
    }

    @Test func `cancelling ends all parts of a range`() throws {
        let (server, relay, transfer) = try overLine()
        let canceller = OSThread(name: "cancel") {
            #expect(eventually { transfer.statistics.sharingRequests > 1 })
            transfer.cancelAll()
        }
        let error = #expect(throws: TransferError.self) { try expectAll(of: bundle, over: transfer, from: [server, relay]) }
        #expect(error?.kind == .cancelled)
        canceller.join()
        #expect(eventually { transfer.statistics.running == 0 })
    }

    @Test func `a pause holds all parts of a range, and shares nothing`() throws {
        let (server, relay, transfer) = try overLine()
        let pauser = OSThread(name: "pause") {
            #expect(eventually { transfer.statistics.sharingRequests > 1 })
            transfer.pause()
            #expect(eventually { transfer.statistics.isPaused && transfer.statistics.running == 0 })
            let (requests, bytes) = (transfer.statistics.sharingRequests, transfer.statistics.bytes)
            #expect(!eventually(withinSeconds: 1) { transfer.statistics.sharingRequests > requests || transfer.statistics.bytes > bytes })
            transfer.resume()
        }
        try expectAll(of: bundle, over: transfer, from: [server, relay])
        pauser.join()
        #expect(transfer.statistics.mirrors[0].failures == 0)
    }

    /// An honest server behind the line, and a transfer from it.
    private func overLine(_ options: TransferOptions = .init()) throws -> (server: FaultyServer, relay: LineRelay, transfer: Transfer) {
        let bytes = bundle.bytes
        let server = try FaultyServer { FaultyServer.honest($0, bytes) }
        let relay = try LineRelay(to: server.port, line: line)
        return (server, relay, try Transfer(mirrors: ["http://127.0.0.1:\(relay.port)"], options: options))
    }

    /// Fetches a bundle, as `cut` ranges, and expects every chunk of it once. The servers run until then.
    private func expectAll(of bundle: Bundle, cut: Int = 1, over transfer: Transfer, from servers: [AnyObject]) throws {
        defer { withExtendedLifetime(servers) {} }
        let received = Mutex<[(file: UInt32, bytes: [UInt8])]>([])
        try Downloader(transfer: transfer).fetch(bundle.fetches(cut), pieces: bundle.pieces) { piece, bytes in
            received.withLock { $0.append((piece.file, Array(bytes))) }
        }
        #expect(received.withLock { $0.sorted { $0.file < $1.file }.map(\.bytes) } == bundle.chunks)
    }
}

extension Bundle {
    /// All frames as so many ranges.
    fileprivate func fetches(_ count: Int) -> [Fetch] {
        (0..<count).map { index in
            let frames = Array(fetch.frames[fetch.frames.count * index / count..<fetch.frames.count * (index + 1) / count])
            return Fetch(bundle: fetch.bundle, range: frames[0].offset..<frames[frames.count - 1].end, frames: frames)
        }
    }
}

/// Waits until `condition` holds, or not.
private func eventually(withinSeconds seconds: Double = 60, _ condition: () -> Bool) -> Bool {
    let end = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < end {
        if condition() { return true }
        usleep(5000)
    }
    return condition()
}
