internal import ArgumentParser
internal import InstarHosting
internal import InstarServing
internal import Synchronization
internal import SystemPackage
#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// `instar serve`: a repository over HTTP on this machine, until the user ends it.
struct ServeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve a repository to this machine, for development.",
        discussion: """
            Speaks HTTP/1.1 with byte ranges on 127.0.0.1 until it is ended with Ctrl-C. Any web server or CDN that serves
            files and byte ranges can take its place in production.
            """)

    @Argument(help: "The repository's folder.", completion: .directory)
    var repository: String

    @Option(help: "The port; 0 lets the system choose a free one.")
    var port: UInt16 = 8000

    @OptionGroup var outputOptions: OutputOptions

    func run() throws {
        let output = outputOptions.output
        // Before any thread starts, so that no thread but this one ever receives them.
        let signals = EndSignals()
        let served = Mutex((requests: 0, bytes: UInt64(0)))
        let server = try start { request in
            served.withLock { $0 = ($0.requests + 1, $0.bytes + request.bytes) }
            Self.report(request, to: output)
        }
        warnIfNoRepository(output)
        output.event("serving", [("url", .string(server.url)), ("path", .string(repository))])
        output.result(server.url)
        output.say("Serving \(repository); end with Ctrl-C.")
        signals.wait()
        server.stop()
        let total = served.withLock { $0 }
        output.done([("requests", JSON(total.requests)), ("bytes", JSON(total.bytes))])
    }

    private func start(_ onRequest: @escaping @Sendable (DevelopmentServer.Served) -> Void) throws -> DevelopmentServer {
        do throws(Errno) {
            return try DevelopmentServer(root: FilePath(repository), port: port, onRequest: onRequest)
        } catch {
            switch error {
            case .addressInUse, .permissionDenied:
                throw CommandError(.cannotCreate, "cannot listen on port \(port): \(error); choose another one with --port, or 0 for any")
            default: throw CommandError(.noInput, "cannot serve \(repository): \(error); give the folder of a repository")
            }
        }
    }

    private func warnIfNoRepository(_ output: Output) {
        var status = stat()
        guard unsafe stat(repository + "/metadata", &status) != 0 else { return }
        output.warn("\(repository) has no metadata folder: clients find no release there until `instar init` and `instar publish` ran")
    }

    private static func report(_ request: DevelopmentServer.Served, to output: Output) {
        output.event(
            "request",
            [
                ("method", .string(request.method)), ("target", .string(request.target)), ("range", JSON(request.range)),
                ("status", JSON(request.status)), ("bytes", JSON(request.bytes)),
            ])
        let range = request.range.map { " \($0)" } ?? ""
        output.say("\(request.status) \(request.method) \(request.target)\(range) \(request.bytes)")
    }
}

/// The signals that end a server in an orderly way, held back from the moment this value is made.
private struct EndSignals {
    private var set = sigset_t()

    init() {
        unsafe sigemptyset(&set)
        unsafe sigaddset(&set, SIGINT)
        unsafe sigaddset(&set, SIGTERM)
        unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// Blocks until one of them came.
    func wait() {
        var set = set
        var number: Int32 = 0
        while unsafe sigwait(&set, &number) != 0 {}
    }
}
