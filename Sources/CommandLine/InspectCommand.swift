internal import ArgumentParser
internal import InstarContent
internal import InstarCryptography
internal import InstarHosting
internal import InstarManifest
internal import InstarPublishing

/// `instar inspect`: what a repository holds.
struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show the releases and channels of a repository, or a release with all its files.")

    @Argument(help: "The repository's folder.", completion: .directory) var repository: String
    @Argument(help: "A version (its newest release), or # and a sequence number; all releases where none is named.") var release: String?
    @Flag(help: "List the chunks of every file, too.") var chunks = false
    @OptionGroup var keyOptions: KeyOptions
    @OptionGroup var outputOptions: OutputOptions

    func run() throws {
        let output = outputOptions.output
        let inspector = try RepositoryInspector(try keyOptions.open(repository))
        if let release { try show(inspector.release(release), inspector, output) } else { try showAll(inspector, output) }
    }

    private func showAll(_ inspector: RepositoryInspector, _ output: Output) throws {
        let releases = try inspector.releases(), channels = try inspector.channels()
        for release in releases {
            output.event("release", release.members)
            output.result(release.line)
        }
        for channel in channels {
            output.event("channel", channel.members)
            output.result(channel.line)
        }
        output.done([("releases", JSON(releases.count)), ("channels", JSON(channels.count))])
    }

    private func show(_ release: RepositoryInspector.Release, _ inspector: RepositoryInspector, _ output: Output) throws {
        output.event("release", release.members)
        output.result(release.line)
        let versions = Dictionary(
            try inspector.releases().map { ($0.manifest.identity.digest, $0.manifest.identity.version) }, uniquingKeysWith: { $1 })
        for (reference, index) in try inspector.deltas(of: release.manifest) {
            let frames = index.parts.reduce(0) { $0 + UInt64($1.frame.compressedSize) }
            let plain = index.parts.reduce(0) { $0 + UInt64($1.frame.plainSize) }
            let base = versions[reference.base] ?? String(reference.base.description.prefix(12))
            output.event(
                "delta",
                [
                    ("base", .string(reference.base.description)), ("version", JSON(versions[reference.base])),
                    ("bundle", .string(reference.index.frame.bundle.description)),
                    ("indexBytes", JSON(reference.index.frame.compressedSize)), ("frames", JSON(index.parts.count)),
                    ("frameBytes", JSON(frames)), ("bytes", JSON(plain)), ("pages", JSON(index.pageSizes.count)),
                    ("pageBytes", JSON(reference.pages?.frame.compressedSize ?? 0)), ("members", JSON(index.members.count)),
                    ("inflatedBytes", JSON(index.members.reduce(0) { $0 + UInt64($1.size) })),
                    ("deflaters", .array(index.deflaters.map(\.json))),
                ])
            let members = index.members.isEmpty ? "" : ", \(index.members.count) members inflated"
            output.result("delta from \(base): \(ByteCount(plain)) in \(ByteCount(frames)), \(index.pageSizes.count) pages\(members)")
        }
        try inspector.forEachPage(of: release.manifest) { page in
            for file in page.files {
                output.event("file", file.members + (chunks ? [("chunks", .array(file.chunks.map { $0.json(page.frames) }))] : []))
                output.result(file.line)
                if chunks { for chunk in file.chunks { output.result("    " + chunk.line(page.frames)) } }
            }
        }
        output.done([("files", JSON(release.manifest.totals.files))])
    }
}

extension RepositoryInspector.Release {
    fileprivate var members: [(String, JSON)] {
        let totals = manifest.totals
        let entry: JSON =
            switch manifest.entry {
            case .module(let name): ["module": .string(name)]
            case .script(let path): ["script": .string(path.description)]
            case nil: nil
            }
        return [
            ("version", .string(manifest.identity.version)), ("sequence", JSON(manifest.identity.sequence)),
            ("digest", .string(manifest.identity.digest.description)), ("manifestBytes", JSON(manifestBytes)), ("entry", entry),
            ("hooks", ["module": .string(manifest.hooks.module), "class": .string(manifest.hooks.type)]),
            (
                "packs",
                .array(
                    manifest.packs.map {
                        ["name": .string($0.name), "title": .string($0.title), "bytes": JSON($0.size), "files": JSON($0.files)]
                    })
            ),
            ("requires", .array(manifest.requirements.map { .string($0.description) })), ("files", JSON(totals.files)),
            ("chunks", JSON(totals.chunks)), ("bytes", JSON(totals.size)), ("pages", JSON(totals.pages)),
        ]
    }

    fileprivate var line: String {
        "\(manifest.identity.version) (#\(manifest.identity.sequence), \(manifest.identity.digest.description.prefix(12))): "
            + "\(manifest.totals.files) files, \(ByteCount(manifest.totals.size)), \(manifest.totals.chunks) chunks"
    }
}

extension DeltaIndex {
    /// Members of archives that its frames hold inflated.
    fileprivate var members: [DeltaInflation.Stream] { parts.flatMap { $0.inflation?.content ?? [] } }
}

extension DeltaDeflater {
    fileprivate var json: JSON {
        [
            "level": JSON(parameters.level), "memory": JSON(parameters.memory), "strategy": JSON(parameters.strategy),
            "windowBits": JSON(parameters.windowBits),
        ]
    }
}

extension FileEntry {
    fileprivate var members: [(String, JSON)] {
        var members: [(String, JSON)] = [("path", .string(path.description)), ("kind", .string(kindName))]
        if case .symbolicLink(let target) = kind { members.append(("target", .string(target))) }
        if case .file = kind { members += [("bytes", JSON(size)), ("digest", .string(digest.description))] }
        members.append(("pack", .string(pack)))
        if let module {
            members.append(
                ("module", ["engine": .string(module.engine), "name": .string(module.name), "restart": JSON(module.needsRestart)]))
        }
        return members
    }

    private var kindName: String {
        switch kind {
        case .file(let isExecutable): isExecutable ? "executable" : "file"
        case .symbolicLink: "link"
        case .emptyDirectory: "folder"
        }
    }

    fileprivate var line: String {
        let module = module.map { "  [\($0.engine) \($0.name)\($0.needsRestart ? ", restart" : "")]" } ?? ""
        switch kind {
        case .file: return "\(digest.description.prefix(12))  \(ByteCount(size))  \(path)\(module)"
        case .symbolicLink(let target): return "link          \(path) -> \(target)"
        case .emptyDirectory: return "folder        \(path)/"
        }
    }
}

extension Chunk {
    fileprivate func json(_ frames: [Frame]) -> JSON {
        if isHole { return ["bytes": JSON(size), "hole": true] }
        let frame = frames[Int(frame)]
        return [
            "digest": .string(digest.description), "bytes": JSON(size), "start": JSON(start),
            "frame": [
                "bundle": .string(frame.bundle.description), "offset": JSON(frame.offset), "compressed": JSON(frame.compressedSize),
                "plain": JSON(frame.plainSize),
            ],
        ]
    }

    fileprivate func line(_ frames: [Frame]) -> String {
        if isHole { return "\(size) zeros" }
        let frame = frames[Int(frame)]
        return
            "\(digest.description.prefix(12))  \(size) at \(start) of the frame at \(frame.offset) of \(frame.bundle.description.prefix(12))"
    }
}
