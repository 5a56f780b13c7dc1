internal import InstarCryptography
internal import InstarDisk
internal import InstarManifest
internal import InstarPlan
internal import InstarRefresh
internal import InstarStore
internal import InstarTransfer
internal import InstarTrust
internal import SystemPackage

/// One walk along the data path, from refreshing trust to a staged generation. Blocks; runs on a thread of its own.
///
/// Each step needs what the step before it made.
struct UpdateWalk {
    let configuration: UpdaterConfiguration
    let store: Store
    let client: RepositoryClient
    let steps: UpdateSteps
    /// Bytes that were planned to be copied and had to be fetched.
    let bytesMissed = BytesMissed()

    /// What the channel points to, all of it verified.
    struct Offer {
        var channel: ChannelDocument
        var manifestTarget: TrustedTarget
        var release: ReleaseIdentity
    }

    /// Refreshes trust and reads the channel. Two small requests where nothing is new, since the channel's document is kept.
    func readChannel(now: UTCTime) throws -> Offer {
        try steps.begin(.refresh)
        let refresher = Refresher(folder: store.path.appending("trust"), source: client.metadata, pinnedRoot: try pinnedRoot())
        let repository = try refresher.refresh(now: now)
        let name = configuration.channel
        guard let target = try repository.target(RepositoryLayout.channelTarget(name)) else {
            throw UpdateError(.invalidRequest, "the repository has no channel \(name): publish to it, or follow another one")
        }
        let channel = try ChannelDocument(decoding: try document(target), of: name)
        guard let manifest = try repository.target(channel.release.target), let digest = manifest.sha256 else {
            throw UpdateError(.damaged, "the channel \(name) points to \(channel.release.target), which the repository does not list")
        }
        let release = ReleaseIdentity(version: channel.release.version, sequence: channel.release.sequence, digest: digest)
        return Offer(channel: channel, manifestTarget: manifest, release: release)
    }

    /// The manifest of an offered release, and all its pages in the store.
    ///
    /// - Parameter content: whether content of the release may be fetched for that.
    func readManifest(_ offer: Offer, content: ContentUse = .allowed) throws -> Manifest {
        let bytes =
            try store.manifests.content(offer.release.digest) ?? client.content(of: offer.manifestTarget, limit: Manifest.maximumBytes)
        let manifest = try Manifest(decoding: bytes)
        guard manifest.identity == offer.release else {
            throw UpdateError(.damaged, "the channel calls the release \(offer.release), its manifest says \(manifest.identity)")
        }
        if let unmet = manifest.requirements.first(where: { !$0.isMet(by: configuration.allHostVersions) }) {
            throw UpdateError(.incompatible, "release \(offer.release) needs \(unmet): update the game itself first")
        }
        try store.manifests.put(bytes, digest: manifest.identity.digest)
        try deltas.get(for: manifest, content: content, observer: steps.observer)
        try ReleasePages(store: store, transfer: client.transfer).complete(manifest, observer: steps.observer)
        return manifest
    }

    /// Decides where every byte comes from.
    func plan(_ manifest: Manifest, refused: Set<ReleasePath> = [], holding lock: borrowing WriterLock) throws -> PlannedUpdate {
        try steps.begin(.plan)
        let planning = UpdatePlanning(
            store: store, packs: configuration.packs, shipped: configuration.shippedDirectory.map { FilePath($0) },
            delta: try deltas.ready(for: manifest))
        let update = try planning.plan(manifest, base: try base(), refused: refused, holding: lock)
        steps.observer(.planned(UpdateCost(update.plan.cost)))
        return update
    }

    /// Stages a planned release. Installed files that turn out to be damaged or changed are planned again and fetched.
    func stage(_ planned: consuming PlannedUpdate, holding lock: borrowing WriterLock) throws -> StagedGeneration {
        var refused: Set<ReleasePath> = []
        var options = StagingOptions(base: planned.base?.generation.number, ceiling: configuration.diskCeiling)
        options.shipped = configuration.shippedDirectory.map { FilePath($0) }
        let run = StagingRun(
            store: store, transfer: client.transfer, options: options, steps: steps, bytesMissed: bytesMissed)
        while true {
            switch try run.run(&planned, holding: lock) {
            case .staged(let staged): return staged
            case .refused(let paths):
                guard !paths.isSubset(of: refused) else { throw UpdateError(.disk, "\(paths.count) files can neither be linked nor built") }
                refused.formUnion(paths)
                planned = try plan(planned.manifest, refused: refused, holding: lock)
            }
        }
    }

    /// The active generation and its manifest; nil where there is none, or where its manifest is lost, in which case
    /// everything is built anew.
    private func base() throws -> Base? {
        let state = try store.state()
        guard let generation = state.activeGeneration ?? state.previous else { return nil }
        return try Base(generation, in: store)
    }

    private var deltas: ReleaseDeltas { ReleaseDeltas(store: store, transfer: client.transfer) }

    private func pinnedRoot() throws -> [UInt8]? {
        guard let path = configuration.pinnedRoot else { return nil }
        return try DurableFile.read(FilePath(path), limit: 1 << 20)
    }

    /// The channel's document, kept beside the metadata so that an unchanged one is not fetched again.
    private func document(_ target: TrustedTarget) throws -> [UInt8] {
        let kept = store.path.appending("trust").appending("\(configuration.channel).channel")
        if let bytes = try? DurableFile.read(kept, limit: ChannelDocument.maximumBytes), (try? target.verify(bytes)) != nil { return bytes }
        let bytes = try client.content(of: target, limit: ChannelDocument.maximumBytes)
        try DurableFile.replace(kept, with: bytes)
        return bytes
    }
}
