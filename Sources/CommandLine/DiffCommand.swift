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
        let chunks = difference.manifestBytes + difference.pageBytes + difference.contentBytes
        let total = difference.delta.map { difference.manifestBytes + $0.bytes } ?? chunks
        output.done(
            [
                ("files", JSON(difference.files.count)), ("manifestBytes", JSON(difference.manifestBytes)),
                ("pageBytes", JSON(difference.pageBytes)), ("contentBytes", JSON(difference.contentBytes)),
                ("delta", difference.delta?.json ?? nil), ("bytes", JSON(total)),
            ],
            "\(difference.files.count) files differ; an update fetches \(ByteCount(total)): manifest \(ByteCount(difference.manifestBytes)), "
                + (difference.delta?.text ?? "pages \(ByteCount(difference.pageBytes)), content \(ByteCount(difference.contentBytes))")
                + (difference.delta == nil ? "" : "; by chunks alone \(ByteCount(chunks))"))
    }
}

extension ReleaseDifference.Delta {
    fileprivate var json: JSON {
        ["indexBytes": JSON(indexBytes), "pageBytes": JSON(pageBytes), "frameBytes": JSON(frameBytes), "contentBytes": JSON(contentBytes)]
    }

    fileprivate var text: String {
        "delta \(ByteCount(indexBytes + frameBytes)), pages \(ByteCount(pageBytes)), other content \(ByteCount(contentBytes))"
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
