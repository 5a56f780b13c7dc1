#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif
import InstarServing
import InstarThreads
package import SystemPackage

/// A real nginx on loopback that serves a folder: HTTP/1.1 on one port, HTTP/2 over TLS on another. It ends with the
/// value, and its files go with it.
package final class NginxServer: Sendable {
    /// One line of its access log.
    package struct Request: Hashable, Sendable {
        package var status: Int
        package var method: String
        package var path: String
        /// The `Range` field, or empty.
        package var range: String
        /// Body bytes sent.
        package var bodyBytes: UInt64
        /// All bytes sent, head included.
        package var bytes: UInt64
        /// `HTTP/1.1` or `HTTP/2.0`
        package var version: String
        /// The connection's serial number.
        package var connection: Int
    }

    private let folder = TemporaryFolder()
    private let process: ChildProcess
    package let port: UInt16
    private let securePort: UInt16

    package var url: String { "http://127.0.0.1:\(port)" }
    package var ipv6URL: String { "http://[::1]:\(port)" }
    /// HTTP/2 over TLS, with `certificate`.
    package var secureURL: String { "https://localhost:\(securePort)" }
    /// The authority that signed the server's certificate: the certificate itself.
    package var certificate: FilePath { folder.path.appending("certificate.pem") }

    /// Starts nginx over `root`. `directives` go into both servers' blocks; the certificate is for `names`.
    package init(root: FilePath, directives: String = "", names: String = "DNS:localhost,IP:127.0.0.1,IP:::1") throws {
        try Self.makeCertificate(in: folder.path, names: names)
        port = try ListeningSocket().port
        securePort = try ListeningSocket().port
        let text = Self.configuration(folder.path.string, root.string, port, securePort, directives)
        let file = try folder.write("nginx.conf", Array(text.utf8))
        process = try ChildProcess(
            "nginx", ["-p", folder.path.string, "-c", file.string, "-e", folder.path.appending("error.log").string],
            environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"], errors: folder.path.appending("start.log"))
        try waitUntilReady()
    }

    deinit { stop() }

    /// Ends the server at once, connections included.
    package func stop() {
        process.signal(SIGTERM)
        process.wait()
    }

    /// The requests that ended so far, oldest first.
    package var requests: [Request] {
        let text = (try? Self.contents(folder.path.appending("access.log"))) ?? ""
        return text.split(separator: "\n").compactMap { Request($0) }
    }

    /// Waits until `count` requests are in the log, which nginx writes when a request ends.
    package func requests(atLeast count: Int) -> [Request] {
        for _ in 0..<500 {
            let seen = requests
            if seen.count >= count { return seen }
            usleep(10_000)
        }
        return requests
    }

    /// The SHA-256 of the certificate's public key as libcurl's pin: `sha256//…`.
    package func publicKeyPin() throws -> String {
        let output = folder.path.appending("pin.txt")
        let script = """
            openssl x509 -in '\(certificate.string)' -pubkey -noout | openssl pkey -pubin -outform DER | \
            openssl dgst -sha256 -binary | openssl base64
            """
        _ = try ChildProcess.run("sh", ["-c", script], output: output)
        return "sha256//" + String(try Self.contents(output).filter { !$0.isNewline })
    }

    private func waitUntilReady() throws {
        for _ in 0..<1000 {
            if Socket.isListening(port: port), Socket.isListening(port: securePort) { return }
            usleep(10_000)
        }
        let reason = (try? Self.contents(folder.path.appending("start.log"))) ?? ""
        throw NginxError(reason: reason)
    }

    private static func makeCertificate(in folder: FilePath, names: String) throws {
        let ending = try ChildProcess.run(
            "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                "/CN=localhost",
                "-addext", "subjectAltName=\(names)", "-keyout", folder.appending("key.pem").string, "-out",
                folder.appending("certificate.pem").string,
            ])
        guard ending == .exit(0) else { throw NginxError(reason: "openssl made no certificate") }
    }

    private static func configuration(_ folder: String, _ root: String, _ port: UInt16, _ securePort: UInt16, _ directives: String)
        -> String
    {
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map { "\($0)_temp_path \(folder)/\($0);" }.joined(
            separator: " ")
        return """
            daemon off; worker_processes 1; pid \(folder)/nginx.pid; \(getuid() == 0 ? "user root;" : "")
            events { worker_connections 1024; }
            http {
                log_format plain '$status $request_method $body_bytes_sent $bytes_sent $server_protocol $connection "$http_range" $uri';
                access_log \(folder)/access.log plain;
                \(temporary)
                default_type application/octet-stream; sendfile on; tcp_nodelay on; keepalive_requests 1000000;
                server { listen 127.0.0.1:\(port); listen [::1]:\(port); root \(root); \(directives) }
                server {
                    listen 127.0.0.1:\(securePort) ssl http2; listen [::1]:\(securePort) ssl http2; root \(root);
                    ssl_certificate \(folder)/certificate.pem; ssl_certificate_key \(folder)/key.pem; \(directives)
                }
            }
            """
    }

    static func contents(_ path: FilePath) throws -> String {
        let file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec])
        defer { try? file.close() }
        var bytes: [UInt8] = []
        while true {
            let piece = try [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
                count = try file.read(into: UnsafeMutableRawBufferPointer(buffer))
            }
            if piece.isEmpty { return String(decoding: bytes, as: UTF8.self) }
            bytes += piece
        }
    }
}

/// nginx did not start; the reason is what it wrote.
package struct NginxError: Error, CustomStringConvertible {
    package var reason: String
    package var description: String { "nginx did not start: \(reason)" }
}

extension NginxServer.Request {
    fileprivate init?(_ line: Substring) {
        let parts = line.split(separator: " ", maxSplits: 7)
        guard parts.count == 8, let status = Int(parts[0]), let body = UInt64(parts[2]), let all = UInt64(parts[3]),
            let connection = Int(parts[5])
        else { return nil }
        let range = parts[6].dropFirst().dropLast()
        self.init(
            status: status, method: String(parts[1]), path: String(parts[7]), range: range == "-" ? "" : String(range), bodyBytes: body,
            bytes: all, version: String(parts[4]), connection: connection)
    }
}
