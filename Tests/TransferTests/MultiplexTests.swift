import InstarThreads
import InstarTransfer
import SystemPackage
import TestSupport
import Testing

/// Many streams at a time against a real nginx.
@Suite struct MultiplexTests {
    private let folder = TemporaryFolder()
    private let object = sample(6_000_000)
    private let nginx: NginxServer

    init() throws {
        try folder.write("bundles/aa/o.bundle", object)
        nginx = try NginxServer(root: folder.path)
    }

    /// Reads `count` equal ranges on `width` threads and checks every byte.
    private func fetch(_ transfer: Transfer, ranges count: Int, width: Int) throws {
        let size = object.count / count
        try Workers.forEach(count: count, width: width) { index in
            let range = UInt64(index * size)..<UInt64((index + 1) * size)
            let request = TransferRequest(path: "bundles/aa/o.bundle", range: range, objectLength: UInt64(object.count))
            let bytes = try transfer.open(request).readBytes()
            #expect(bytes == Array(object[index * size..<(index + 1) * size]))
        }
    }

    @Test func `over HTTP 1 parallel requests have connections of their own, which are kept`() throws {
        let transfer = try Transfer(mirrors: [nginx.url], options: quick())
        try fetch(transfer, ranges: 200, width: 8)
        let requests = nginx.requests(atLeast: 200)
        #expect(requests.count == 200)
        #expect(requests.allSatisfy { $0.status == 206 && $0.version == "HTTP/1.1" })
        #expect(Set(requests.map(\.connection)).count <= 8)
        #expect(requests.reduce(0) { $0 + $1.bodyBytes } == UInt64(object.count / 200 * 200))
        #expect(transfer.statistics.requests == 200)
        #expect(transfer.statistics.bytes == UInt64(object.count / 200 * 200))
        #expect(transfer.statistics.connections == UInt64(Set(requests.map(\.connection)).count))
    }

    @Test(arguments: [1, 2, 4])
    func `over HTTP 2 many requests share the connections that are allowed`(connections: Int) throws {
        let transfer = try Transfer(
            mirrors: [nginx.secureURL],
            options: quick { options in
                options.certificateAuthorities = nginx.certificate.string
                options.multiplexedConnections = connections
                options.parallelRequests = 16
            })
        try fetch(transfer, ranges: 200, width: 16)
        let requests = nginx.requests(atLeast: 200)
        #expect(requests.count == 200)
        #expect(requests.allSatisfy { $0.status == 206 && $0.version == "HTTP/2.0" })
        #expect(Set(requests.map(\.connection)).count <= connections)
    }

    @Test func `a slow consumer of one HTTP 2 stream does not lose or mix bytes of the others`() throws {
        let transfer = try Transfer(
            mirrors: [nginx.secureURL],
            options: quick { options in
                options.certificateAuthorities = nginx.certificate.string
                options.multiplexedConnections = 1
            })
        let whole = TransferRequest(path: "bundles/aa/o.bundle", range: 0..<UInt64(object.count))
        try Workers.forEach(count: 4, width: 4) { index in
            let stream = transfer.open(whole)
            // Each takes pieces of another size, so that their buffers fill at different times.
            let bytes = try stream.readBytes(pieces: [100_000, 999, 4096, 65_536][index])
            #expect(bytes == object)
        }
    }

    @Test func `a server that stops and comes back is survived by streams in flight`() throws {
        let limited = try NginxServer(root: folder.path, directives: "limit_rate 4m;")
        let transfer = try Transfer(mirrors: [limited.url, nginx.url], options: quick())
        let stream = transfer.open(TransferRequest(path: "bundles/aa/o.bundle", range: 0..<UInt64(object.count)))
        let start = try stream.readBytes(500_000)
        limited.stop()
        #expect(try start + stream.readBytes() == object)
        #expect(nginx.requests(atLeast: 1)[0].range.hasPrefix("bytes="))
    }
}

extension MultiplexTests {
    /// Peak resident memory of this process so far, in bytes.
    private var peakMemory: Int {
        let status = (try? FileDescriptor.open("/proc/self/status", .readOnly)).flatMap { file in
            defer { try? file.close() }
            return try? String(unsafeUninitializedCapacity: 8192) { try file.read(into: UnsafeMutableRawBufferPointer($0)) }
        }
        let line = status?.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return (line.flatMap { Int($0.filter(\.isNumber)) } ?? 0) * 1024
    }

    @Test func `a slow consumer holds up the others for a short time only, and gets the rest later`() throws {
        let transfer = try Transfer(
            mirrors: [nginx.secureURL],
            options: quick { options in
                options.certificateAuthorities = nginx.certificate.string
                options.multiplexedConnections = 1
                options.stallSeconds = 10
            })
        let whole = TransferRequest(path: "bundles/aa/o.bundle", range: 0..<UInt64(object.count))
        let slow = transfer.open(whole)
        let start = try slow.readBytes(10)
        // The slow one never reads on while the other wants everything over the same connection.
        #expect(try transfer.open(whole).readBytes() == object)
        #expect(try start + slow.readBytes() == object)
        #expect(transfer.statistics.mirrors[0].failures == 0)
        #expect(transfer.statistics.requests == 3)
    }

    @Test func `sixteen streams that nobody reads take no memory but their buffers`() throws {
        let big = try TemporaryFolder().holding("big", bytes: 1 << 30)
        let server = try NginxServer(root: big.path)
        let transfer = try Transfer(
            mirrors: [server.secureURL],
            options: quick { options in
                options.certificateAuthorities = server.certificate.string
                options.stallSeconds = 20
                options.connectSeconds = 20
            })
        let before = peakMemory
        let streams = (0..<16).map { index in
            transfer.open(TransferRequest(path: "big", range: UInt64(index) << 26..<UInt64(index + 1) << 26))
        }
        for stream in streams { #expect(try stream.readBytes(1000).count == 1000) }
        #expect(eventually { transfer.statistics.bytes > 0 && transfer.statistics.running == 0 })
        #expect(transfer.statistics.bytes <= UInt64(16 * TransferLimits.bufferBytes + 16_000))
        // Other tests of this process run beside it, hence the slack.
        #expect(peakMemory - before < 128 << 20)
    }
}
