import InstarServing
import SystemPackage
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// `instar serve` as a process.
@Suite struct ServeTests {
    private let folder = TemporaryFolder()

    init() throws { try folder.write("repo/metadata/1.root.json", Array("{}".utf8)) }

    /// Starts the command, waits for its first line and answers what it has printed each time it is asked.
    private func serve(_ options: [String]) throws -> (process: ChildProcess, output: () -> String) {
        let output = folder.path.appending("output")
        let process = try ChildProcess(
            Products.path("instar").string, ["serve", folder.path.appending("repo").string] + options, output: output)
        let read = { (try? contents(output)) ?? "" }
        #expect(eventually { read().contains("\n") })
        return (process, read)
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func `it prints its address, serves, and ends on a signal with status 0`(signal: Int32) throws {
        let (process, output) = try serve(["--port", "0"])
        let url = try #require(output().split(separator: "\n").first)
        let port = try #require(url.split(separator: ":").last.flatMap { UInt16($0) })
        #expect(url == "http://127.0.0.1:\(port)")
        #expect(try get(port, "/metadata/1.root.json").hasSuffix("\r\n\r\n{}"))
        process.signal(signal)
        #expect(process.wait() == .exit(0))
        #expect(!Socket.isListening(port: port))
    }

    @Test func `machines read one object a line, the last of them done`() throws {
        let (process, output) = try serve(["--port", "0", "--json"])
        let first = try #require(output().split(separator: "\n").first)
        #expect(first.hasPrefix(#"{"event":"serving","url":"http://127.0.0.1:"#))
        let port = try #require(
            first.split(separator: "\"").first { $0.hasPrefix("http:") }?.split(separator: ":").last.flatMap { UInt16($0) })
        _ = try get(port, "/metadata/1.root.json")
        process.signal(SIGINT)
        #expect(process.wait() == .exit(0))
        let lines = output().split(separator: "\n")
        #expect(
            lines.dropFirst() == [
                #"{"event":"request","method":"GET","target":"/metadata/1.root.json","range":null,"status":200,"bytes":2}"#,
                #"{"event":"done","requests":1,"bytes":2}"#,
            ])
    }

    @Test func `a port in use and a folder that is not there are told apart`() throws {
        let taken = try DevelopmentServer(root: folder.path)
        let repository = folder.path.appending("repo").string
        let program = Products.path("instar").string
        #expect(try ChildProcess.run(program, ["serve", repository, "--port", "\(taken.port)"]) == .exit(73))
        #expect(try ChildProcess.run(program, ["serve", repository + "-missing", "--port", "0"]) == .exit(66))
        #expect(try ChildProcess.run(program, ["serve", repository, "--port", "70000"]) == .exit(64))
    }

    private func get(_ port: UInt16, _ target: String) throws -> String {
        let socket = try #require(Socket.connected(port: port))
        socket.send(Array("GET \(target) HTTP/1.1\r\nConnection: close\r\n\r\n".utf8))
        var answer: [UInt8] = []
        while let bytes = socket.receive(upTo: 4096) { answer += bytes }
        return String(decoding: answer, as: UTF8.self)
    }
}

/// The text of a small file.
private func contents(_ path: FilePath) throws -> String {
    let file = try FileDescriptor.open(path, .readOnly)
    defer { try? file.close() }
    return try String(unsafeUninitializedCapacity: 1 << 16) { try file.read(into: UnsafeMutableRawBufferPointer($0)) }
}

/// Waits until `condition` holds, for ten seconds at most.
private func eventually(_ condition: () -> Bool) -> Bool {
    for _ in 0..<2000 {
        if condition() { return true }
        usleep(5000)
    }
    return condition()
}
