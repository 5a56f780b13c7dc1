import InstarTransfer
import TestSupport
import Testing

/// Streams of which less is wanted than was asked for.
@Suite struct ShorteningTests {
    private let object = sample(2_000_000)

    @Test func `a stream that is shortened ends there, and its request with it`() throws {
        let object = object
        let server = try FaultyServer { FaultyServer.honest($0, object) }
        let transfer = try Transfer(mirrors: [server.url])
        let stream = transfer.open(TransferRequest(path: "o", range: 1000..<2_000_000))
        #expect(try stream.readBytes(50_000) == Array(object[1000..<51_000]))
        // More than the buffers hold, so it has not come yet.
        stream.shorten(to: 1_500_000)
        #expect(try stream.readBytes() == Array(object[51_000..<1_500_000]))
        #expect(server.requests.count == 1 && transfer.statistics.mirrors[0].failures == 0)
        #expect(transfer.statistics.bytes < 2_000_000)
    }

    @Test func `what has come when a stream is shortened is no error`() throws {
        let object = object
        let server = try FaultyServer { FaultyServer.honest($0, object) }
        let transfer = try Transfer(mirrors: [server.url])
        let stream = transfer.open(TransferRequest(path: "o", range: 0..<2_000_000))
        #expect(try stream.readBytes(300_000) == Array(object[..<300_000]))
        #expect(eventually { stream.reached > 400_000 })
        stream.shorten(to: 300_001)
        let rest = try stream.readBytes()
        #expect(rest.count > 100_000 && rest == Array(object[300_000..<300_000 + rest.count]))
        #expect(eventually { transfer.statistics.running == 0 })
        // Later ones than the end change nothing.
        stream.shorten(to: 2_000_000)
        #expect(try stream.readBytes() == [])
    }

    @Test func `wrong bytes of a shortened stream are got again up to its new end`() throws {
        let object = object
        let server = try FaultyServer { FaultyServer.honest($0, object) }
        let transfer = try Transfer(mirrors: [server.url], options: quick())
        let stream = transfer.open(TransferRequest(path: "o", range: 0..<2_000_000))
        _ = try stream.readBytes(1000)
        stream.shorten(to: 1_000_000)
        #expect(try stream.readBytes().count == 999_000)
        stream.rejectBytes(from: 900_000)
        #expect(try stream.readBytes() == Array(object[900_000..<1_000_000]))
        #expect(server.requests.last?.range?.last == 999_999)
    }

    @Test func `a stream that waits for its turn asks for what is wanted by then`() throws {
        let object = object
        let server = try FaultyServer { FaultyServer.honest($0, object) }
        var options = TransferOptions()
        options.parallelRequests = 1
        let transfer = try Transfer(mirrors: [server.url], options: options)
        let first = transfer.open(TransferRequest(path: "o", range: 0..<1_000_000))
        #expect(eventually { first.reached > 0 })
        let second = transfer.open(TransferRequest(path: "o", range: 1_000_000..<2_000_000))
        second.shorten(to: 1_200_000)
        #expect(try first.readBytes() == Array(object[..<1_000_000]))
        #expect(try second.readBytes() == Array(object[1_000_000..<1_200_000]))
        #expect(server.requests.last?.range?.last == 1_199_999)
    }
}
