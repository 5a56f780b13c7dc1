#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif
internal import InstarDisk
internal import InstarRefresh
internal import InstarTransfer
internal import InstarTrust
internal import SystemPackage

/// The three commands.
struct Tool {
    let arguments: Arguments

    init(_ arguments: Arguments) {
        self.arguments = arguments
    }

    func run() throws {
        switch arguments.command {
        case .initialize(let root): try initialize(from: FilePath(root))
        case .refresh: _ = try refresh()
        case .download: try download()
        }
    }

    private var metadataFolder: FilePath { FilePath(arguments.metadataFolder) }

    /// The time of this run, read once.
    private var now: UTCTime { UTCTime(secondsSince1970: arguments.now ?? Int64(time(nil))) }

    private func initialize(from root: FilePath) throws {
        try TrustFolder(metadataFolder).begin(with: DurableFile.read(root, limit: MetadataLimit.root))
    }

    private func refresh() throws -> TrustedRepository<TransferMetadataSource> {
        let url = try Arguments.require(arguments.metadataURL, "--metadata-url")
        let source = TransferMetadataSource(try transfer(url))
        return try Refresher(folder: metadataFolder, source: source).refresh(now: now)
    }

    private func download() throws {
        let base = try Arguments.require(arguments.targetBaseURL, "--target-base-url")
        let folder = TargetFolder(FilePath(try Arguments.require(arguments.targetFolder, "--target-dir")))
        guard !arguments.targetNames.isEmpty else { throw Arguments.Refused(description: "--target-name is missing") }
        let repository = try refresh()
        let transfer = try transfer(base)
        for name in arguments.targetNames {
            guard let target = try repository.target(name) else {
                throw Arguments.Refused(description: "no trusted role lists \(ByteText(name).printable)")
            }
            guard !folder.holds(target) else { continue }
            let stream = transfer.open(TransferRequest(path: target.urlPath, isEscaped: true, limit: UInt64(target.length)))
            unsafe try folder.store(target) { unsafe try stream.read(into: $0) }
        }
    }

    /// One request for each file: what a suite counts must not be blurred by retries.
    private func transfer(_ address: String) throws -> Transfer {
        var options = TransferOptions()
        options.failuresInARow = 1
        options.allowsHTTP2 = false
        return try Transfer(mirrors: [address], options: options)
    }
}
