internal import InstarContent
internal import InstarCryptography
internal import InstarDisk
internal import InstarManifest
internal import InstarThreads
package import InstarTrust
package import SystemPackage

/// Turns a build into a release of a repository.
///
/// The order is what keeps clients safe: content first, then the manifest, the signed metadata last. Whoever is
/// killed in between leaves files that nothing refers to, and the releases before are as they were.
package struct Publisher {
    /// How content is cut and compressed. Another value makes a repository store content again, and breaks nothing.
    package struct Settings: Hashable, Sendable {
        /// Average bytes of a chunk.
        package var averageChunk = Manifest.standardAverageChunk
        /// Plain bytes of a frame.
        package var frameSize = 1 << 20
        /// zstd's level, 1 to 19; nil leaves it to the amount of new content.
        package var level: Int?
        /// From how many earlier releases deltas are made.
        package var deltas = 2
        /// What a delta must save, in bytes, to be worth the request for its index.
        package var leastDeltaSaving = 16 << 10

        package init() {}

        /// The level for so many plain bytes. An update is compressed once and fetched by everybody, so it gets the best; a
        /// first release gets what keeps a fresh installation as small as an archive of it, and only one that would keep
        /// the publisher's processors busy for hours gets less.
        func level(for newContent: UInt64) -> Int {
            level ?? (newContent <= 256 << 20 ? 19 : newContent <= 4 << 30 ? 16 : 12)
        }

        /// As `level(for:)` for deltas, which are compressed slower and by nature are less.
        func deltaLevel(for newContent: Int) -> Int { level ?? (newContent <= 64 << 20 ? 19 : 15) }
    }

    /// What to publish.
    package struct Request: Sendable {
        package var build: FilePath
        package var configuration: PublishConfiguration
        package var version: String
        package var channel: String
        /// For which share of the installations; 1 is all.
        package var share: Double = 1
        /// How far what was remembered of the last publication saves reading the build again.
        package var cache = CacheUse.full

        package enum CacheUse: Sendable {
            /// Files that nobody wrote to are not read, unless the repository lacks content of theirs.
            case full
            /// Every file is read; what is found is remembered.
            case renewed
            /// Every file is read; nothing is remembered.
            case none
        }

        package init(build: FilePath, configuration: PublishConfiguration, version: String, channel: String = "stable") {
            self.build = build
            self.configuration = configuration
            self.version = version
            self.channel = channel
        }
    }

    /// How far a publication is, in plain bytes.
    package struct Progress: Sendable {
        package enum Step: String, Sendable, CaseIterable { case reading, packing, deltas }

        package var step: Step
        package var bytes: UInt64
        package var totalBytes: UInt64
    }

    private let settings: Settings
    private let report: @Sendable (Progress) -> Void

    package init(settings: Settings = Settings(), report: @escaping @Sendable (Progress) -> Void = { _ in }) {
        self.settings = settings
        self.report = report
    }

    /// Publishes and points the channel to the new release.
    package func publish(_ request: Request, to trust: inout RepositoryTrust, now: UTCTime) throws -> Publication {
        try check(request)
        let repository = try PublishedRepository(trust)
        let folder = repository.folder
        let cache = CutCache(for: trust.repository)
        let draft: ReleaseDraft
        do { draft = try assemble(request, in: repository, writingTo: folder, cache) } catch {
            // Should the cache have been wrong about a file, it must not be so again.
            if case PublishError.buildChanged = error { cache.remove() }
            throw error
        }
        let manifest = try sealed(draft, request, repository)
        let bytes = manifest.encoded()
        let target = TargetFile(
            path: RepositoryLayout.releaseTarget(version: request.version, sequence: manifest.identity.sequence),
            length: Int64(bytes.count),
            digest: Digest(of: bytes))
        try folder.store(target, bytes)
        let channel = try repository.channel(request.channel, pointingTo: manifest, target: target, share: request.share)
        try trust.publish(adding: [target, channel], removing: [], now: now)
        try folder.removeIncoming()
        return draft.publication(of: manifest, target: target, channel: request.channel)
    }

    /// What publishing would do, without writing anything: how much of the build is new.
    package func preview(_ request: Request, to trust: borrowing RepositoryTrust) throws -> Publication {
        try check(request)
        let repository = try PublishedRepository(trust)
        let (build, index) = try read(request, beside: repository)
        let cut = try cut(build, request, CutCache(for: trust.repository))
        let assembly = ReleaseAssembly(cut, index: index, frameSize: settings.frameSize)
        var publication = Publication(version: request.version, sequence: repository.nextSequence, channel: request.channel)
        publication.count(cut, assembly)
        return publication
    }

    private func check(_ request: Request) throws(PublishError) {
        guard ReleaseVersion.isValid(request.version) else {
            throw .refused("\"\(request.version)\" cannot be a version: use letters, digits, \".\", \"_\", \"+\" and \"-\"")
        }
        guard ReleaseVersion.isValid(request.channel) else {
            throw .refused("\"\(request.channel)\" cannot be a channel: use letters, digits, \".\", \"_\", \"+\" and \"-\"")
        }
        guard (0...1).contains(request.share) else { throw .refused("the share of a rollout is between 0 and 1") }
    }

    /// Lists the build and reads what is published. Neither needs the other, and they are most of what publishing an unchanged build takes.
    private func read(_ request: Request, beside repository: PublishedRepository) throws -> (Build, ContentIndex) {
        try Workers.both({ try Build(at: request.build, configuration: request.configuration) }, { try repository.index() })
    }

    private func cut(_ build: Build, _ request: Request, _ cache: CutCache) throws -> CutBuild {
        let cutting = Cutting(average: settings.averageChunk)
        let known = request.cache == .full ? cache.read(average: cutting.average) : CutIndex(average: cutting.average)
        let meter = Meter(.reading, total: build.items.reduce(0) { $0 + $1.size }, report)
        return try CutBuild(build, cutting, known: known) { meter.add($0) }
    }

    private func assemble(
        _ request: Request, in repository: PublishedRepository, writingTo folder: RepositoryFolder, _ cache: CutCache
    ) throws -> ReleaseDraft {
        let (build, index) = try read(request, beside: repository)
        let cut = try cut(build, request, cache)
        if request.cache != .none { cache.write(cut.index) }
        let deltas = try ReleaseDeltas(settings, from: bases(for: request, in: repository), to: cut, in: folder)
        var assembly = ReleaseAssembly(cut, index: index, frameSize: settings.frameSize, apart: deltas.chunks)
        var writer = BundleWriter(folder, incoming: try folder.freshIncoming())
        let meter = Meter(.packing, total: assembly.packing.plainSize, report)
        let level = settings.level(for: assembly.packing.plainSize)
        try FrameProducer(build: build, packing: assembly.packing, level: level).write(to: &writer) { meter.add($0) }
        let entries = assembly.entries(newFrames: try writer.finish())
        var pages = PageWriter()
        for entry in entries { pages.append(entry, frames: assembly.frames) }
        var storage = PageBundles(folder: folder, level: level, known: index.pages)
        let tree = try pages.finish(storing: &storage)
        var draft = ReleaseDraft(entries: entries, root: tree.root, totals: tree.totals)
        let deltaMeter = Meter(.deltas, total: deltas.bytesToCompress, report)
        draft.deltas = try deltas.write(to: folder, assembly: assembly, pages: storage) { deltaMeter.add($0) }
        draft.counts.count(cut, assembly)
        draft.counts.bytesWritten = writer.bytesWritten + storage.bytesWritten + draft.deltas.bytesWritten
        draft.counts.bundlesWritten = writer.bundlesWritten + storage.bundlesWritten + draft.deltas.bundlesWritten
        return draft
    }

    /// The releases that deltas start from: the one that the channel points to, where most players are, then the newest others.
    private func bases(for request: Request, in repository: PublishedRepository) throws -> [Manifest] {
        guard settings.deltas > 0 else { return [] }
        let current = try repository.channel(request.channel)?.release.target
        let releases = try repository.releases()
        let first = releases.filter { $0.target.path == current }
        return Array((first + releases.reversed().filter { $0.target.path != current }).map(\.manifest).prefix(settings.deltas))
    }

    private func sealed(_ draft: ReleaseDraft, _ request: Request, _ repository: PublishedRepository) throws -> Manifest {
        let configuration = request.configuration
        let packs = configuration.packs.map { rule in
            let files = draft.entries.filter { $0.pack == rule.name }
            return Manifest.Pack(name: rule.name, title: rule.title, size: files.reduce(0) { $0 + $1.size }, files: UInt64(files.count))
        }
        let manifest = Manifest(
            version: request.version, sequence: repository.nextSequence, entry: configuration.entry, hooks: configuration.hooks,
            packs: packs,
            requirements: configuration.requirements, totals: draft.totals, root: draft.root, averageChunk: settings.averageChunk,
            deltas: draft.deltas.references)
        // Read it as a client will: what a client refuses must not be published.
        return try Manifest(decoding: manifest.encoded())
    }
}
