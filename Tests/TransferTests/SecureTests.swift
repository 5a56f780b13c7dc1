import InstarServing
import InstarTransfer
import SystemPackage
import TestSupport
import Testing

@Suite struct SecureTests {
    private let folder = TemporaryFolder()

    init() throws { try folder.write("o", [1, 2, 3]) }

    private func secure(_ nginx: NginxServer, _ change: (inout TransferOptions) -> Void = { _ in }) throws -> Transfer {
        try Transfer(
            mirrors: [nginx.secureURL],
            options: quick { options in
                options.certificateAuthorities = nginx.certificate.string
                change(&options)
            })
    }

    private func isUntrusted(_ error: TransferError?) -> Bool {
        if case .untrustedConnection = error?.fault { error?.kind == .protocolViolation } else { false }
    }

    @Test func `a certificate that a given authority signed is accepted`() throws {
        let nginx = try NginxServer(root: folder.path)
        #expect(try secure(nginx).get("o", limit: 10).bytes == [1, 2, 3])
        #expect(nginx.requests(atLeast: 1)[0].version == "HTTP/2.0")
    }

    @Test func `a certificate that nobody known signed is refused, and nothing is sent`() throws {
        let nginx = try NginxServer(root: folder.path)
        let transfer = try Transfer(mirrors: [nginx.secureURL], options: quick())
        #expect(isUntrusted(#expect(throws: TransferError.self) { try transfer.get("o", limit: 10) }))
        #expect(nginx.requests.isEmpty)
    }

    @Test func `a certificate for another name is refused`() throws {
        let nginx = try NginxServer(root: folder.path, names: "DNS:elsewhere.example")
        #expect(isUntrusted(#expect(throws: TransferError.self) { try secure(nginx).get("o", limit: 10) }))
    }

    @Test func `the pinned key is accepted and any other is refused`() throws {
        let nginx = try NginxServer(root: folder.path)
        let pin = try nginx.publicKeyPin()
        #expect(try secure(nginx) { $0.pinnedPublicKey = pin }.get("o", limit: 10).bytes == [1, 2, 3])
        let other = "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
        #expect(isUntrusted(#expect(throws: TransferError.self) { try secure(nginx) { $0.pinnedPublicKey = other }.get("o", limit: 10) }))
        // A second pin lets a key be replaced without a moment in which nobody can update.
        #expect(try secure(nginx) { $0.pinnedPublicKey = "\(other);\(pin)" }.get("o", limit: 10).bytes == [1, 2, 3])
    }

    @Test func `HTTP 1 is spoken over TLS where HTTP 2 is not allowed`() throws {
        let nginx = try NginxServer(root: folder.path)
        #expect(try secure(nginx) { $0.allowsHTTP2 = false }.get("o", limit: 10).bytes == [1, 2, 3])
        #expect(nginx.requests(atLeast: 1)[0].version == "HTTP/1.1")
    }

    @Test func `a server that breaks off the handshake is no server`() throws {
        let server = try FaultyServer { _ in [.reset] }
        let transfer = try Transfer(mirrors: ["https" + server.url.dropFirst(4)], options: quick())
        let error = #expect(throws: TransferError.self) { try transfer.get("o", limit: 10) }
        #expect(error?.kind == .noServer)
    }

    @Test func `IPv6 addresses work`() throws {
        let nginx = try NginxServer(root: folder.path)
        let transfer = try Transfer(mirrors: [nginx.ipv6URL], options: quick())
        #expect(try transfer.get("o", limit: 10).bytes == [1, 2, 3])
    }

    @Test func `the polite modes fetch the same bytes, over both families of addresses`() throws {
        let object = sample(1_000_000)
        try folder.write("big", object)
        let nginx = try NginxServer(root: folder.path)
        for mode in [TransferOptions.Mode.background, .metered] {
            for url in [nginx.url, nginx.ipv6URL] {
                let transfer = try Transfer(mirrors: [url], options: quick { $0.mode = mode })
                #expect(try transfer.open(TransferRequest(path: "big", range: 5..<900_000)).readBytes() == Array(object[5..<900_000]))
            }
        }
    }
}

@Suite struct ProxyTests {
    @Test func `a named proxy gets the whole address`() throws {
        let proxy = try FaultyServer { FaultyServer.honest($0, [9]) }
        let transfer = try Transfer(mirrors: ["http://game.invalid/base"], options: quick { $0.proxy = .address(proxy.url) })
        #expect(try transfer.get("o", limit: 10).bytes == [9])
        #expect(proxy.requests[0].head.target == "http://game.invalid/base/o")
    }

    @Test func `a named proxy is asked for a tunnel to a secure server, and its refusal is no server`() throws {
        let proxy = try FaultyServer { _ in [.head(403, ["Content-Length: 0"])] }
        let transfer = try Transfer(mirrors: ["https://game.invalid"], options: quick { $0.proxy = .address(proxy.url) })
        let error = #expect(throws: TransferError.self) { try transfer.get("o", limit: 10) }
        #expect(error?.kind == .noServer)
        #expect(proxy.requests[0].head.method == "CONNECT")
        #expect(proxy.requests[0].head.target == "game.invalid:443")
    }

    @Test func `a proxy that is not there is no server`() throws {
        let transfer = try Transfer(mirrors: ["http://game.invalid"], options: quick { $0.proxy = .address("http://127.0.0.1:1") })
        let error = #expect(throws: TransferError.self) { try transfer.get("o", limit: 10) }
        #expect(error?.kind == .noServer)
    }
}
