import InstarServing
import InstarTransfer
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// One server that does one thing wrong, and a client that has no other.
@Suite struct FaultTests {
    private let object = sample(300_000)

    private func fetch(_ server: FaultyServer, range: Range<UInt64>? = nil, length: UInt64? = nil, limit: UInt64 = 1 << 20) throws
        -> [UInt8]
    {
        let transfer = try Transfer(mirrors: [server.url], options: quick())
        return try transfer.open(TransferRequest(path: "o", range: range, objectLength: length, limit: limit)).readBytes()
    }

    private func fault(_ server: FaultyServer, range: Range<UInt64>? = nil, length: UInt64? = nil) -> TransferError? {
        #expect(throws: TransferError.self) { try fetch(server, range: range, length: length) }
    }

    @Test func `a connection that breaks is taken up where it broke`() throws {
        let object = object
        let server = try FaultyServer { request in
            let first = Int(request.range?.first ?? 0)
            if first + 50_000 < object.count {
                return [
                    .head(206, ["Content-Range: bytes \(first)-\(object.count - 1)/\(object.count)", "ETag: \"1\""]),
                    .send(Array(object[first..<first + 50_000])), .reset,
                ]
            }
            return FaultyServer.honest(request, object)
        }
        let whole = UInt64(object.count)
        #expect(try fetch(server, range: 0..<whole, length: whole) == object)
        // A reset may lose bytes that were on their way; none is fetched that was already there.
        let starts = server.requests.compactMap { $0.range?.first }
        #expect(starts == starts.sorted())
        #expect(starts.count >= 6)
        #expect(server.requests.dropFirst().allSatisfy { $0.head["if-range"] == "\"1\"" })
    }

    @Test func `a whole object is resumed with a range too`() throws {
        let object = object
        let server = try FaultyServer { request in
            guard request.index == 0 else { return FaultyServer.honest(request, object) }
            return [.head(200, ["Content-Length: \(object.count)", "ETag: \"1\""]), .send(Array(object[..<100_000])), .close]
        }
        #expect(try fetch(server) == object)
        #expect(server.requests.count == 2)
        #expect(server.requests[1].head["range"] == "bytes=100000-299999")
    }

    @Test func `the whole object in place of a part is skipped through where that is cheap`() throws {
        let object = object
        let server = try FaultyServer { _ in [.head(200, ["Content-Length: \(object.count)"]), .send(object)] }
        #expect(try fetch(server, range: 1000..<2000, length: UInt64(object.count)) == Array(object[1000..<2000]))
    }

    @Test func `a server that ignores ranges of a large object is an error of the protocol`() throws {
        let server = try FaultyServer { _ in [.head(200, ["Content-Length: 1000000000"]), .endless] }
        let error = fault(server, range: 900_000_000..<900_001_000)
        #expect(error?.fault == .rangeIgnored)
        #expect(error?.kind == .protocolViolation)
        #expect(server.requests.count == 1)
    }

    @Test func `a lied length of the object is wrong data`() throws {
        let object = object
        let server = try FaultyServer { FaultyServer.honest($0, object) }
        let error = fault(server, range: 0..<1000, length: 299_999)
        #expect(error?.fault == .wrongLength(expected: 299_999, announced: 300_000))
        #expect(error?.kind == .wrongData)
    }

    @Test func `an answer that stops short of its announced length every time ends as no server`() throws {
        let server = try FaultyServer { _ in [.head(200, ["Content-Length: 5000"]), .send("abc"), .close] }
        let error = fault(server)
        #expect(error?.kind == .noServer)
        #expect(server.requests.count == TransferLimits.failuresInARow)
    }

    @Test func `a chunked answer shorter than the manifest says is wrong data`() throws {
        let server = try FaultyServer { _ in [.head(200, ["Transfer-Encoding: chunked"]), .send("3\r\nabc\r\n0\r\n\r\n")] }
        #expect(fault(server, length: 10)?.fault == .wrongLength(expected: 10, announced: 3))
    }

    @Test func `content that changes is noticed by If-Range and fetched on from the new version`() throws {
        let object = object
        let server = try FaultyServer { request in
            guard request.index == 0 else { return FaultyServer.honest(request, object, entityTag: "\"2\"") }
            return [.head(206, ["Content-Range: bytes 0-299999/300000", "ETag: \"1\""]), .send(Array(object[..<100_000])), .close]
        }
        #expect(try fetch(server, range: 0..<300_000, length: 300_000) == object)
        // The second request names the old version and is answered with the whole; the third asks without condition.
        #expect(server.requests.map { $0.head["if-range"] } == [nil, "\"1\"", nil])
    }

    @Test func `an HTML page with status 200 is an error of the protocol`() throws {
        let page = Array("<html>Welcome to the hotel</html>".utf8)
        let server = try FaultyServer { _ in [.head(200, ["Content-Type: text/html", "Content-Length: \(page.count)"]), .send(page)] }
        let error = fault(server)
        #expect(error?.fault == .page)
        #expect(error?.kind == .protocolViolation)
        #expect(error?.description.contains("sign in") == true)
    }

    @Test func `gzip where none was asked is an error of the protocol`() throws {
        let server = try FaultyServer { _ in [.head(200, ["Content-Encoding: gzip", "Content-Length: 3"]), .send("abc")] }
        #expect(fault(server)?.fault == .encoded("gzip"))
        #expect(server.requests[0].head["accept-encoding"] == "identity")
    }

    @Test func `a part with other bytes than asked is an error of the protocol`() throws {
        let server = try FaultyServer { _ in [.head(206, ["Content-Range: bytes 5-14/100", "Content-Length: 10"]), .send("0123456789")] }
        #expect(fault(server, range: 0..<10)?.fault == .wrongRange("bytes 5-14"))
    }

    @Test func `a drip of bytes is a stall`() throws {
        let server = try FaultyServer { _ in [.head(200, ["Content-Length: 100"]), .drip(7, count: 100, milliseconds: 50)] }
        let started = monotonicSeconds()
        let transfer = try Transfer(mirrors: [server.url], options: quick { $0.failuresInARow = 2 })
        let error = #expect(throws: TransferError.self) { try transfer.open(TransferRequest(path: "o")).readBytes() }
        #expect(error?.fault == .stalled)
        #expect(error?.kind == .noServer)
        #expect(monotonicSeconds() - started < 5)
    }

    @Test func `a server that never answers is a stall`() throws {
        let server = try FaultyServer { _ in [.silence] }
        let error = fault(server)
        #expect(error?.fault == .stalled)
        #expect(error?.kind == .noServer)
    }

    @Test func `endless data ends at the limit`() throws {
        let server = try FaultyServer { _ in [.head(200), .endless] }
        let transfer = try Transfer(mirrors: [server.url], options: quick())
        let error = #expect(throws: TransferError.self) { try transfer.get("o", limit: 1_000_000) }
        #expect(error?.fault == .tooLong(limit: 1_000_000))
        #expect(transfer.statistics.bytes < 1_100_000)
        #expect(eventually { server.connectionCount == 0 })
    }

    @Test func `endless data after a part ends with the part`() throws {
        let server = try FaultyServer { _ in [.head(206, ["Content-Range: bytes 0-9/100"]), .endless] }
        #expect(try fetch(server, range: 0..<10) == Array(repeating: 0, count: 10))
    }

    @Test func `endless header fields end at the limit`() throws {
        let field = Array(("X-Field: " + String(repeating: "x", count: 1000) + "\r\n").utf8)
        let server = try FaultyServer { _ in [.send("HTTP/1.1 200 OK\r\n")] + Array(repeating: .send(field), count: 10_000) }
        #expect(fault(server)?.fault == .headTooLong)
    }

    @Test func `endless interim answers end at the limit`() throws {
        let server = try FaultyServer { _ in Array(repeating: .send("HTTP/1.1 102 Processing\r\n\r\n"), count: 100_000) }
        #expect(fault(server)?.fault == .headTooLong)
    }

    @Test func `what does not speak HTTP is named so`() throws {
        let server = try FaultyServer { _ in [.send("SSH-2.0-OpenSSH_9.2\r\n"), .close] }
        guard case .nonsense = fault(server)?.fault else {
            Issue.record("expected a protocol fault")
            return
        }
    }

    @Test func `a busy server is asked again when it says`() throws {
        let object = object
        let server = try FaultyServer { request in
            request.index == 0 ? [.head(503, ["Retry-After: 1", "Content-Length: 0"])] : FaultyServer.honest(request, object)
        }
        let started = monotonicSeconds()
        #expect(try fetch(server) == object)
        #expect(monotonicSeconds() - started >= 1)
        #expect(monotonicSeconds() - started < 3)
    }

    @Test func `a time to come back that is given as a date is obeyed too`() throws {
        let object = object
        let server = try FaultyServer { request in
            guard request.index == 0 else { return FaultyServer.honest(request, object) }
            return [.head(503, ["Retry-After: \(HTTPDate.text(secondsSince1970: Int64(time(nil)) + 2))", "Content-Length: 0"])]
        }
        let started = monotonicSeconds()
        #expect(try fetch(server) == object)
        // Dates have whole seconds, so two may be little more than one.
        #expect(monotonicSeconds() - started >= 0.9)
    }

    @Test func `an outage of the server is no server, after a bounded number of tries`() throws {
        let server = try FaultyServer { _ in [.head(500, ["Content-Length: 0"])] }
        let error = fault(server)
        #expect(error?.kind == .noServer)
        #expect(server.requests.count == TransferLimits.failuresInARow)
        // The error bodies are read past, so that all tries use one connection.
        #expect(Set(server.requests.map(\.connection)).count == 1)
    }

    @Test func `a long error page is cut off`() throws {
        let server = try FaultyServer { _ in [.head(404), .endless] }
        let transfer = try Transfer(mirrors: [server.url], options: quick())
        let error = #expect(throws: TransferError.self) { try transfer.get("o", limit: 10) }
        #expect(error?.fault == .status(404))
        #expect(transfer.statistics.bytes <= 2 * UInt64(TransferLimits.discardedBytes))
    }

    @Test func `a refused connection is no server`() throws {
        let port = try ListeningSocket().port
        let transfer = try Transfer(mirrors: ["http://127.0.0.1:\(port)"], options: quick())
        let error = #expect(throws: TransferError.self) { try transfer.get("o", limit: 10) }
        #expect(error?.kind == .noServer)
        guard case .unreachable = error?.fault else {
            Issue.record("expected unreachable, not \(String(describing: error))")
            return
        }
    }

    @Test func `a name without address is no server`() throws {
        let transfer = try Transfer(mirrors: ["http://no-such-host.invalid"], options: quick { $0.failuresInARow = 1 })
        let error = #expect(throws: TransferError.self) { try transfer.get("o", limit: 10) }
        #expect(error?.fault == .unresolvable)
        #expect(error?.kind == .noServer)
    }
}
