internal import ArgumentParser
internal import InstarContent
internal import InstarCryptography
internal import InstarDisk
internal import InstarHosting
internal import InstarManifest
internal import InstarPublishing
internal import InstarTrust
internal import SystemPackage

/// `instar publish`: a build becomes a release.
struct PublishCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish",
        abstract: "Publish a build as a new release and point a channel to it.",
        discussion: """
            Only content that the repository does not have is written. Python modules are found by their names; what else there
            is to say (entry point, packs, modules of other engines, what to leave out) stands in instar.json in the build, or
            in the file that --config names. Nothing that clients see changes before the last step, the signature.
            """)

    @Argument(help: "The folder that the game's build produced.", completion: .directory)
    var build: String

    @OptionGroup var repository: RepositoryOptions

    @Option(help: "What people call the release: letters, digits, dots, underscores, plus and minus signs.")
    var version: String

    @Option(help: "The channel to point to the release.")
    var channel = "stable"

    @Option(help: "The share of installations, 0 to 1, that get the release at first.")
    var share = 1.0

    @Option(
        help: "The configuration; by default instar.json in the build, if there is one.", completion: .file(extensions: ["json", "json5"]))
    var config: String?

    @Option(
        help: "zstd's level for new content, 1 to 19: higher is smaller and slower; by default 19 up to 256 MB, 16 up to 4 GB, else 12.")
    var level: Int?

    @Option(help: "From how many earlier releases updates are made cheaper by deltas; 0 for none.")
    var deltas = Publisher.Settings().deltas

    @Option(help: ArgumentHelp("Average bytes of a chunk, a power of two. Another value stores all content again.", visibility: .hidden))
    var chunkSize = Publisher.Settings().averageChunk

    @Option(help: ArgumentHelp("Plain bytes of a frame.", visibility: .hidden))
    var frameSize = Publisher.Settings().frameSize

    @Flag(help: "Read every file, though it looks as it did when it was published last, and remember what is found.")
    var rehash = false

    @Flag(help: "Read every file and neither use nor write REPO.cuts, in which unchanged files are remembered.")
    var noCache = false

    @Flag(help: "Read the build and say what would be published; write nothing.")
    var dryRun = false

    @OptionGroup var outputOptions: OutputOptions

    func run() throws {
        useLeanHeap()
        let output = outputOptions.output
        var request = Publisher.Request(build: FilePath(build), configuration: try configuration(), version: version, channel: channel)
        request.share = share
        request.cache = noCache ? .none : rehash ? .renewed : .full
        var trust = try repository.open()
        let steps = Publisher.Progress.Step.allCases
        let bars = Dictionary(uniqueKeysWithValues: steps.map { ($0, ProgressBar($0.rawValue, output: output)) })
        let publisher = Publisher(settings: try settings()) { progress in
            bars[progress.step]?.update(done: progress.bytes, total: progress.totalBytes)
        }
        let started = ContinuousClock.now
        let publication = dryRun ? try publisher.preview(request, to: trust) : try publisher.publish(request, to: &trust, now: .now)
        for bar in bars.values { bar.finish() }
        output.done(members(publication, took: ContinuousClock.now - started), sentence(publication))
    }

    private func settings() throws -> Publisher.Settings {
        guard level.map((1...19).contains) ?? true else { throw ValidationError("--level is 1 to 19") }
        guard (1024...1 << 20).contains(chunkSize), chunkSize & (chunkSize - 1) == 0 else {
            throw ValidationError("--chunk-size is a power of two from 1024 to 1048576")
        }
        guard (chunkSize * 4...Int(FrameLimits.maximumPlainSize)).contains(frameSize) else {
            throw ValidationError("--frame-size is from four times --chunk-size to \(FrameLimits.maximumPlainSize)")
        }
        var settings = Publisher.Settings()
        guard (0...16).contains(deltas) else { throw ValidationError("--deltas is 0 to 16") }
        (settings.averageChunk, settings.frameSize, settings.level, settings.deltas) = (chunkSize, frameSize, level, deltas)
        return settings
    }

    private func configuration() throws -> PublishConfiguration {
        let path = config.map { FilePath($0) } ?? FilePath(build).appending(PublishConfiguration.fileName)
        let bytes: [UInt8]
        do throws(DiskError) { bytes = try DurableFile.read(path, limit: 1 << 20) } catch {
            if config == nil, error.code == .noSuchFileOrDirectory { return PublishConfiguration() }
            throw error
        }
        return try PublishConfiguration(decoding: bytes, name: path.string)
    }

    private func members(_ publication: Publication, took time: Duration) -> [(String, JSON)] {
        let seconds = Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18
        return [
            ("version", .string(publication.version)), ("sequence", JSON(publication.sequence)), ("channel", .string(publication.channel)),
            ("digest", JSON(publication.digest?.description)), ("files", JSON(publication.files)), ("modules", JSON(publication.modules)),
            ("bytes", JSON(publication.size)), ("bytesRead", JSON(publication.bytesRead)), ("newBytes", JSON(publication.newSize)),
            ("newChunks", JSON(publication.newChunks)),
            ("bytesWritten", JSON(publication.bytesWritten)), ("bundlesWritten", JSON(publication.bundlesWritten)),
            ("manifestBytes", JSON(publication.manifestBytes)),
            (
                "deltas",
                .array(
                    publication.deltas.map { ["from": .string($0.base), "bytes": JSON($0.bytes), "bytesSaved": JSON($0.bytesSaved)] })
            ), ("seconds", JSON(seconds)), ("dryRun", JSON(dryRun)),
        ]
    }

    private func sentence(_ publication: Publication) -> String {
        let what = "\(publication.files) files, \(ByteCount(publication.size)), of which \(ByteCount(publication.newSize)) are new"
        if dryRun { return "\(publication.version) would have \(what)" }
        return "Published \(publication.version) to \(publication.channel): \(what) (\(ByteCount(publication.bytesWritten)) written)"
    }
}
