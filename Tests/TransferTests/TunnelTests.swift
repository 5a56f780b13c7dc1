import InstarServing
import InstarTransfer
import SystemPackage
import TestSupport
import Testing

/// Tunnels through a real proxy to a real server over TLS: the proxy carries bytes and is trusted with nothing.
@Suite struct TunnelTests {
    private let folder = TemporaryFolder()
    private let object = sample(300_000)

    private func nginx(names: String = "DNS:localhost") throws -> NginxServer {
        try folder.write("o", object)
        return try NginxServer(root: folder.path, names: names)
    }

    @Test func `a tunnel carries ranges of a secure server, and its certificate is verified through it`() throws {
        let server = try nginx()
        let proxy = try TunnelProxy()
        let options = quick { ($0.proxy, $0.certificateAuthorities) = (.address(proxy.url), server.certificate.string) }
        let transfer = try Transfer(mirrors: [server.secureURL], options: options)
        let stream = transfer.open(TransferRequest(path: "o", range: 1000..<250_000, objectLength: 300_000))
        #expect(try stream.readBytes() == Array(object[1000..<250_000]))
        #expect(proxy.requests.map(\.target) == [String(server.secureURL.dropFirst("https://".count))])
    }

    @Test func `a proxy that leads to another server is found out by the certificate`() throws {
        let server = try nginx()
        let impostor = try nginx()
        let port = try #require(impostor.secureURL.split(separator: ":").last.flatMap { UInt16($0) })
        let proxy = try TunnelProxy(to: port)
        let options = quick { ($0.proxy, $0.certificateAuthorities) = (.address(proxy.url), server.certificate.string) }
        let transfer = try Transfer(mirrors: [server.secureURL], options: options)
        let error = #expect(throws: TransferError.self) { try transfer.get("o", limit: 1 << 20) }
        #expect(error?.kind == .protocolViolation)
        #expect(impostor.requests.isEmpty)
    }

    @Test func `the pinned key is that of the server, not of the proxy`() throws {
        let server = try nginx()
        let proxy = try TunnelProxy()
        func answer(pin: String) throws -> TransferAnswer {
            let options = quick {
                ($0.proxy, $0.certificateAuthorities, $0.pinnedPublicKey) = (.address(proxy.url), server.certificate.string, pin)
            }
            return try Transfer(mirrors: [server.secureURL], options: options).get("o", limit: 1 << 20)
        }
        #expect(try answer(pin: server.publicKeyPin()).bytes == object)
        #expect(throws: TransferError.self) { try answer(pin: "sha256//" + String(repeating: "A", count: 43) + "=") }
    }

    @Test func `a user name for the proxy is told to the proxy and not to the server behind it`() throws {
        let proxy = try TunnelProxy()
        let server = try nginx()
        let address = "http://player:secret@127.0.0.1:\(proxy.port)"
        let options = quick { ($0.proxy, $0.certificateAuthorities) = (.address(address), server.certificate.string) }
        let transfer = try Transfer(mirrors: [server.secureURL], options: options)
        #expect(try transfer.get("o", limit: 1 << 20).bytes == object)
        #expect(proxy.requests.first?["proxy-authorization"] == "Basic cGxheWVyOnNlY3JldA==")
    }
}
