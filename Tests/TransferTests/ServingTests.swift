import InstarServing
import InstarThreads
import InstarTransfer
import Synchronization
import SystemPackage
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite struct DevelopmentServerTests {
    private let folder = TemporaryFolder()
    private let object = sample(200_000)

    init() throws {
        try folder.write("root/metadata/1.root.json", Array("{}".utf8))
        try folder.write("root/big", object)
        try folder.write("secret", Array("secret".utf8))
    }

    private func serve() throws -> DevelopmentServer { try DevelopmentServer(root: folder.path.appending("root")) }

    /// Sends `request` as it is and reads what comes until the server closes.
    private func exchange(_ server: DevelopmentServer, _ request: String) throws -> String {
        let socket = try #require(Socket.connected(port: server.port))
        socket.setPatience(seconds: 10)
        #expect(socket.send(Array(request.utf8)))
        socket.endSending()
        var answer: [UInt8] = []
        while let bytes = socket.receive(upTo: 65_536) { answer += bytes }
        return String(decoding: answer, as: UTF8.self)
    }

    private func status(_ server: DevelopmentServer, _ request: String) throws -> String {
        String(try exchange(server, request).prefix { $0 != "\r\n" })
    }

    @Test(arguments: [
        "/../secret", "/metadata/../../secret", "/%2e%2e/secret", "/..%2fsecret", "/metadata%2f1.root.json", "//secret",
        "/metadata//1.root.json",
        "/./big", "/big%00", "/big%", "/big%zz", "secret", "*", "http://127.0.0.1/big", "/metadata", "/metadata/", "/", "/nothing",
    ])
    func `nothing but plain paths to files is served`(target: String) throws {
        #expect(try status(serve(), "GET \(target) HTTP/1.1\r\nHost: x\r\n\r\n") == "HTTP/1.1 404 Not Found")
    }

    @Test func `symbolic links are not followed, whether they are files, folders or lead to the same folder`() throws {
        let root = folder.path.appending("root").string
        #expect(symlink("../secret", root + "/link") == 0)
        #expect(symlink("..", root + "/up") == 0)
        #expect(symlink("big", root + "/same") == 0)
        let server = try serve()
        for target in ["/link", "/up/secret", "/up/root/big", "/same"] {
            #expect(try status(server, "GET \(target) HTTP/1.1\r\n\r\n") == "HTTP/1.1 404 Not Found")
        }
    }

    @Test func `a named pipe is no file, and does not block`() throws {
        #expect(mkfifo(folder.path.appending("root/pipe").string, 0o600) == 0)
        #expect(try status(serve(), "GET /pipe HTTP/1.1\r\n\r\n") == "HTTP/1.1 404 Not Found")
    }

    @Test(arguments: ["POST", "PUT", "DELETE", "OPTIONS", "get", "CONNECT"])
    func `only GET and HEAD are answered`(method: String) throws {
        let answer = try exchange(serve(), "\(method) /big HTTP/1.1\r\n\r\n")
        #expect(answer.hasPrefix("HTTP/1.1 405 "))
        #expect(answer.contains("Allow: GET, HEAD"))
    }

    @Test func `a request with a body is refused and the connection closed`() throws {
        for field in ["Content-Length: 5", "Transfer-Encoding: chunked"] {
            let answer = try exchange(serve(), "GET /big HTTP/1.1\r\n\(field)\r\n\r\nhelloGET /big HTTP/1.1\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 413 "))
            #expect(answer.contains("Connection: close"))
            #expect(!answer.dropFirst().contains("HTTP/1.1 200"))
        }
    }

    @Test(arguments: [
        "GET /\r\n\r\n", "GET\r\n\r\n", "GET  / HTTP/1.1\r\n\r\n", "\r\n\r\n", "GET / HTTP/1.1\r\nname : v\r\n\r\n",
        "GET / HTTP/1.1\r\n folded\r\n\r\n",
    ])
    func `a malformed head is refused`(request: String) throws {
        #expect(try status(serve(), request) == "HTTP/1.1 400 Bad Request")
    }

    @Test func `another version of the protocol is refused`() throws {
        #expect(try status(serve(), "GET /big HTTP/2.0\r\n\r\n") == "HTTP/1.1 505 HTTP Version Not Supported")
    }

    @Test func `header fields without end are refused`() throws {
        let fields = String(repeating: "X-Field: \(String(repeating: "x", count: 100))\r\n", count: 300)
        #expect(try status(serve(), "GET /big HTTP/1.1\r\n" + fields) == "HTTP/1.1 431 Request Header Fields Too Large")
    }

    @Test func `HEAD has the head of GET and no body`() throws {
        let answer = try exchange(serve(), "HEAD /big HTTP/1.1\r\nConnection: close\r\n\r\n")
        #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n"))
        #expect(answer.hasSuffix("\r\n\r\n"))
    }

    @Test func `requests sent ahead are answered in their order`() throws {
        let one = "GET /metadata/1.root.json HTTP/1.1\r\n\r\n"
        let answer = try exchange(serve(), one + "GET /nothing HTTP/1.1\r\n\r\n" + one)
        let statuses = answer.split(separator: "\r\n").filter { $0.hasPrefix("HTTP/") }
        // The body of one answer stands before the status line of the next.
        #expect(statuses.count + answer.split(separator: "{}HTTP/1.1", omittingEmptySubsequences: false).count - 1 == 3)
        #expect(answer.hasSuffix("{}"))
    }

    @Test func `HTTP 1·0 closes unless asked not to`() throws {
        let server = try serve()
        #expect(try exchange(server, "GET /metadata/1.root.json HTTP/1.0\r\n\r\n").contains("Connection: close"))
        #expect(
            try exchange(server, "GET /metadata/1.root.json HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").contains("Connection: keep-alive"))
    }

    @Test func `the answer that a client has is not sent again`() throws {
        let server = try serve()
        let first = try exchange(server, "HEAD /big HTTP/1.1\r\n\r\n")
        let tag = try #require(first.split(separator: "\r\n").first { $0.hasPrefix("ETag: ") }?.dropFirst(6))
        #expect(try status(server, "GET /big HTTP/1.1\r\nIf-None-Match: \(tag)\r\n\r\n") == "HTTP/1.1 304 Not Modified")
        #expect(try status(server, "GET /big HTTP/1.1\r\nIf-Range: \(tag)\r\nRange: bytes=0-0\r\n\r\n") == "HTTP/1.1 206 Partial Content")
        #expect(
            try status(server, "GET /big HTTP/1.1\r\nIf-Range: \"x\"\r\nRange: bytes=0-0\r\nConnection: close\r\n\r\n") == "HTTP/1.1 200 OK"
        )
    }

    @Test func `a file that is replaced has another entity tag`() throws {
        let server = try serve()
        let tag = { try exchange(server, "HEAD /big HTTP/1.1\r\n\r\n").split(separator: "\r\n").first { $0.hasPrefix("ETag: ") } }
        let before = try tag()
        try folder.write("root/new", object)
        #expect(rename(folder.path.appending("root/new").string, folder.path.appending("root/big").string) == 0)
        #expect(try tag() != before)
    }

    @Test func `many clients at once get what they asked for`() throws {
        let server = try serve()
        let transfer = try Transfer(mirrors: [server.url])
        let object = object
        try Workers.forEach(count: 200, width: 16) { index in
            let first = UInt64(index * 1000)
            let bytes = try transfer.open(TransferRequest(path: "big", range: first..<first + 1000)).readBytes()
            #expect(bytes == Array(object[index * 1000..<(index + 1) * 1000]))
        }
        #expect(transfer.statistics.mirrors[0].failures == 0)
    }

    @Test func `what is served is reported`() throws {
        let served = Mutex<[DevelopmentServer.Served]>([])
        let server = try DevelopmentServer(root: folder.path.appending("root")) { request in served.withLock { $0.append(request) } }
        _ = try exchange(server, "GET /big?x=1 HTTP/1.1\r\nRange: bytes=5-9\r\n\r\n")
        #expect(eventually { !served.withLock { $0 }.isEmpty })
        let request = try #require(served.withLock { $0.first })
        #expect(request.method == "GET" && request.target == "/big?x=1" && request.range == "bytes=5-9")
        #expect(request.status == 206 && request.bytes == 5)
    }

    @Test func `stopping closes the port and the connections`() throws {
        let server = try serve()
        let idle = try #require(Socket.connected(port: server.port))
        server.stop()
        #expect(idle.receive(upTo: 1) == nil)
        #expect(!Socket.isListening(port: server.port))
        server.stop()
    }

    @Test func `a port in use and a folder that is not there are errors`() throws {
        let server = try serve()
        #expect(throws: Errno.addressInUse) { try DevelopmentServer(root: folder.path, port: server.port) }
        #expect(throws: Errno.noSuchFileOrDirectory) { try DevelopmentServer(root: folder.path.appending("nothing")) }
    }

    @Test func `IPv6 loopback is served where asked for`() throws {
        let server = try DevelopmentServer(root: folder.path.appending("root"), address: .ipv6)
        #expect(try Transfer(mirrors: [server.url]).get("metadata/1.root.json", limit: 10).bytes == Array("{}".utf8))
    }
}

@Suite struct ServingValueTests {
    @Test(
        arguments: [
            (nil, ByteRange.whole), ("bytes=0-0", .part(0..<1)), ("bytes=0-", .part(0..<100)), ("bytes=99-", .part(99..<100)),
            ("bytes=10-19", .part(10..<20)), ("bytes=90-1000", .part(90..<100)), ("bytes=-1", .part(99..<100)),
            ("bytes=-1000", .part(0..<100)),
            ("bytes=100-", .unsatisfiable), ("bytes=100-200", .unsatisfiable), ("bytes=-0", .unsatisfiable), ("bytes=5-4", .whole),
            ("bytes=", .whole),
            ("bytes=-", .whole), ("bytes=a-b", .whole), ("bytes=+1-2", .whole), ("bytes=0-1,3-4", .whole), ("items=0-1", .whole),
            ("bytes=0-99999999999999999999", .whole), ("bytes=0-18446744073709551615", .part(0..<100)),
        ] as [(String?, ByteRange)])
    func `ranges are read as the standard says`(field: String?, expected: ByteRange) {
        #expect(ByteRange(field, size: 100) == expected)
    }

    @Test func `an empty file has no range`() {
        #expect(ByteRange("bytes=0-", size: 0) == .unsatisfiable)
        #expect(ByteRange("bytes=-5", size: 0) == .unsatisfiable)
    }

    @Test(
        arguments: [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
            (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT"), (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
            (-1, "Wed, 31 Dec 1969 23:59:59 GMT"),
        ] as [(Int64, String)])
    func `dates are written as HTTP wants them`(seconds: Int64, text: String) {
        #expect(HTTPDate.text(secondsSince1970: seconds) == text)
    }
}
