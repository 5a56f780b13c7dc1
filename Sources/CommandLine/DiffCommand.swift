internal import ArgumentParser
internal import InstarHosting
internal import InstarManifest
internal import InstarPublishing

/// `instar diff`: what an update costs.
struct DiffCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Show what changes between two releases, and what an update costs by chunks alone.")

    @Argument(help: "A version (its newest release), or # and a sequence number.") var old: String
    @Argument(help: "A version (its newest release), or # and a sequence number.") var new: String
    @OptionGroup var repository: RepositoryOptions
    @OptionGroup var outputOptions: OutputOptions

    func run() throws {
        let output = outputOptions.output
        let inspector = try RepositoryInspector(try repository.open())
        let difference = try inspector.difference(from: inspector.release(old), to: inspector.release(new))
        for file in difference.files {
            output.event(
                "file",
                [
                    ("change", .string(file.kind.rawValue)), ("path", .string(file.path.description)), ("bytes", JSON(file.size)),
                    ("newBytes", JSON(file.newSize)), ("module", JSON(file.isModule)),
                ])
            output.result(
                "\(file.kind.mark) \(file.path)  \(ByteCount(file.size))\(file.kind == .removed ? "" : ", new \(ByteCount(file.newSize))")")
        }
        let total = difference.manifestBytes + difference.pageBytes + difference.contentBytes
        output.done(
            [
                ("files", JSON(difference.files.count)), ("manifestBytes", JSON(difference.manifestBytes)),
                ("pageBytes", JSON(difference.pageBytes)), ("contentBytes", JSON(difference.contentBytes)), ("bytes", JSON(total)),
            ],
            "\(difference.files.count) files differ; an update fetches \(ByteCount(total)): manifest \(ByteCount(difference.manifestBytes)), "
                + "pages \(ByteCount(difference.pageBytes)), content \(ByteCount(difference.contentBytes))")
    }
}

extension ReleaseDifference.Kind {
    fileprivate var mark: String {
        switch self {
        case .added: "A"
        case .removed: "D"
        case .changed: "M"
        }
    }
}
