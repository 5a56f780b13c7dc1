import InstarServing
import InstarTransfer
import SystemPackage
import TestSupport
import Testing

@Suite struct SmallObjectTests {
    @Test func `the whole body of a small object is answered`() throws {
        let folder = TemporaryFolder()
        try folder.write("metadata/1.root.json", Array("{}".utf8))
        let server = try DevelopmentServer(root: folder.path)
        let transfer = try Transfer(mirrors: [server.url])
        #expect(try transfer.get("metadata/1.root.json", limit: 100).bytes == Array("{}".utf8))
    }

    @Test func `a missing object is an answer where the caller says so and an error elsewhere`() throws {
        let folder = TemporaryFolder()
        let server = try DevelopmentServer(root: folder.path)
        let transfer = try Transfer(mirrors: [server.url])
        #expect(try transfer.get("2.root.json", limit: 100, allowsMissing: true) == .missing(status: 404))
        let error = #expect(throws: TransferError.self) { try transfer.get("2.root.json", limit: 100) }
        #expect(error?.fault == .status(404))
        #expect(error?.kind == .protocolViolation)
        #expect(error?.url == "\(server.url)/2.root.json")
    }

    @Test func `an object longer than the limit is refused`() throws {
        let folder = TemporaryFolder()
        try folder.write("timestamp.json", [UInt8](repeating: 7, count: 1001))
        let server = try DevelopmentServer(root: folder.path)
        let transfer = try Transfer(mirrors: [server.url])
        let error = #expect(throws: TransferError.self) { try transfer.get("timestamp.json", limit: 1000) }
        #expect(error?.fault == .tooLong(limit: 1000))
        #expect(try transfer.get("timestamp.json", limit: 1001).bytes?.count == 1001)
    }

    @Test func `an empty object has an empty body`() throws {
        let folder = TemporaryFolder()
        try folder.write("empty", [])
        let server = try DevelopmentServer(root: folder.path)
        let transfer = try Transfer(mirrors: [server.url])
        #expect(try transfer.get("empty", limit: 10).bytes == [])
    }

    @Test func `many small objects share one connection`() throws {
        let folder = TemporaryFolder()
        try folder.write("a", [1])
        let nginx = try NginxServer(root: folder.path)
        let transfer = try Transfer(mirrors: [nginx.url])
        for _ in 0..<20 { #expect(try transfer.get("a", limit: 10).bytes == [1]) }
        let requests = nginx.requests(atLeast: 20)
        #expect(requests.count == 20)
        #expect(Set(requests.map(\.connection)).count == 1)
    }
}
