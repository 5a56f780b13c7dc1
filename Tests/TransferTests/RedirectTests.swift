import InstarServing
import InstarTransfer
import TestSupport
import Testing

@Suite struct RedirectTests {
    private func redirecting(to target: String, status: Int = 302) throws -> FaultyServer {
        try FaultyServer { _ in [.head(status, ["Location: \(target)", "Content-Length: 0"])] }
    }

    @Test(arguments: [301, 302, 303, 307, 308])
    func `a redirect on this machine is followed`(status: Int) throws {
        let target = try FaultyServer { FaultyServer.honest($0, [1, 2, 3]) }
        let server = try redirecting(to: target.url + "/elsewhere", status: status)
        let transfer = try Transfer(mirrors: [server.url], options: quick())
        #expect(try transfer.get("o", limit: 10).bytes == [1, 2, 3])
        #expect(target.requests[0].head.target == "/elsewhere")
    }

    @Test func `a relative redirect keeps to the server, and the range goes along`() throws {
        let server = try FaultyServer { request in
            request.head.target == "/base/o"
                ? [.head(302, ["Location: ../v2/o", "Content-Length: 0"])] : FaultyServer.honest(request, [0, 1, 2, 3, 4])
        }
        let transfer = try Transfer(mirrors: [server.url + "/base"], options: quick())
        #expect(try transfer.open(TransferRequest(path: "o", range: 1..<3)).readBytes() == [1, 2])
        #expect(server.requests[1].head.target == "/v2/o")
        #expect(server.requests[1].head["range"] == "bytes=1-2")
    }

    @Test(arguments: [
        "http://example.com/o", "http://127.0.0.1.example.com/", "file:///etc/passwd", "ftp://127.0.0.1/o", "gopher://localhost/",
    ])
    func `a redirect to anything but https or this machine is refused and not connected to`(target: String) throws {
        let server = try redirecting(to: target)
        let transfer = try Transfer(mirrors: [server.url], options: quick())
        let error = #expect(throws: TransferError.self) { try transfer.get("o", limit: 10) }
        guard case .forbiddenRedirect = error?.fault else {
            Issue.record("\(target) was not refused: \(String(describing: error))")
            return
        }
        #expect(error?.kind == .protocolViolation)
        #expect(server.requests.count == 1)
    }

    @Test func `redirects in a circle end`() throws {
        let server = try FaultyServer { _ in [.head(302, ["Location: /again", "Content-Length: 0"])] }
        let transfer = try Transfer(mirrors: [server.url], options: quick())
        #expect(throws: TransferError.self) { try transfer.get("o", limit: 10) }
        #expect(server.requests.count == TransferLimits.redirects + 1)
    }

    @Test func `a user name and a password are sent to their own server only`() throws {
        let target = try FaultyServer { FaultyServer.honest($0, [1]) }
        let server = try redirecting(to: target.url + "/o")
        let address = server.url.replacingHost(with: "user:secret@127.0.0.1")
        let transfer = try Transfer(mirrors: [address], options: quick())
        #expect(try transfer.get("o", limit: 10).bytes == [1])
        #expect(server.requests[0].head["authorization"] == "Basic dXNlcjpzZWNyZXQ=")
        #expect(target.requests[0].head["authorization"] == nil)
    }

    @Test func `an error and the statistics never show the password`() throws {
        let server = try FaultyServer { _ in [.head(404, ["Content-Length: 0"])] }
        let transfer = try Transfer(mirrors: [server.url.replacingHost(with: "user:secret@127.0.0.1")], options: quick())
        let error = #expect(throws: TransferError.self) { try transfer.get("o", limit: 10) }
        #expect(error.map { "\($0)" }?.contains("secret") == false)
        #expect(!"\(transfer.statistics) \(transfer.scores)".contains("secret"))
    }
}

extension String {
    fileprivate func replacingHost(with host: String) -> String {
        "http://" + host + dropFirst("http://127.0.0.1".count)
    }
}
