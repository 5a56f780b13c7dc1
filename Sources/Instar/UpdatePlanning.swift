internal import InstarContent
internal import InstarCryptography
internal import InstarManifest
internal import InstarPlan
internal import InstarStore
internal import SystemPackage

/// What an update starts from: a generation of the store and the manifest that it came from.
struct Base {
    var generation: Generation
    var manifest: Manifest
}

/// A release that is going to be staged, and how.
struct PlannedUpdate {
    var manifest: Manifest
    var base: Base?
    var packs: Set<String>
    var plan: Plan
    /// Paths of `plan.files`; all others are linked.
    var assembled: Set<ReleasePath>
    /// Regular files and bytes of the release with the chosen packs.
    var totals: ReleaseTotals
    /// Frames of the plan that need not be fetched.
    var framesAtHand: FramesAtHand
}

/// Compares two releases and decides where the new bytes come from.
struct UpdatePlanning {
    let store: Store
    let packs: Set<String>
    /// The directory shipped with the app.
    let shipped: FilePath?
    /// The difference from a release that this store has, if the publisher made one.
    var delta: ReadyDelta?

    /// - Parameter refused: paths that cannot be linked, since the installed files are not what they should be.
    func plan(
        _ manifest: Manifest, base: Base?, refused: Set<ReleasePath> = [], holding lock: borrowing WriterLock
    ) throws -> PlannedUpdate {
        var planner = Planner()
        var update = PlannedUpdate(
            manifest: manifest, base: base, packs: packs,
            plan: Plan(release: manifest.identity, base: base?.manifest.identity), assembled: [], totals: ReleaseTotals(files: 0, bytes: 0),
            framesAtHand: FramesAtHand(store, of: delta?.index))
        try compare(into: &update, &planner)
        try readRelease(into: &update, &planner, refused: refused)
        try LocalSources(store: store, shipped: shipped, base: base).offer(to: &planner, for: manifest, holding: lock)
        if let delta { try offer(delta, for: manifest, &planner) }
        update.plan = planner.plan(release: manifest.identity, base: base?.manifest.identity, totals: update.totals)
        return update
    }

    /// Adds what differs between the two releases; what is gone or replaced is offered as a source.
    private func compare(into update: inout PlannedUpdate, _ planner: inout Planner) throws {
        var changes = try Comparison(from: update.base?.manifest, to: update.manifest, pages: store.pages)
        var offers: [FileEntry] = []
        while let change = try changes.next() {
            switch change {
            case .added(let new): add(new, to: &update, &planner)
            case .changed(let old, let new):
                add(new, to: &update, &planner)
                offers.append(old.file)
            case .removed(let old): offers.append(old.file)
            }
        }
        guard let base = update.base else { return }
        let number = base.generation.number
        let files = GenerationFiles(store, generation: number)
        for entry in offers { planner.offer(entry, generation: number) { files.holds(entry.path) } }
    }

    private func add(_ new: PlacedFile, to update: inout PlannedUpdate, _ planner: inout Planner) {
        guard new.file.isInstalled(with: packs) else { return }
        planner.want(new.file, frames: new.frames)
        update.assembled.insert(new.file.path)
    }

    /// One walk over the whole release: it checks the tree as a whole, adds up what is installed, and adds what has to be
    /// built anew though the release did not change it.
    private func readRelease(into update: inout PlannedUpdate, _ planner: inout Planner, refused: Set<ReleasePath>) throws {
        var cursor = try update.manifest.pages(from: store.pages)
        while let page = try cursor.next() {
            for entry in page.files where entry.isInstalled(with: packs) {
                if case .file = entry.kind { update.totals.files += 1 }
                update.totals.bytes += entry.size
                if refused.contains(entry.path), update.assembled.insert(entry.path).inserted { planner.want(entry, frames: page.frames) }
            }
        }
    }

    /// Offers the frames of a delta. Comparing again costs little, and the base of the delta may be another than that of the plan.
    private func offer(_ delta: ReadyDelta, for manifest: Manifest, _ planner: inout Planner) throws {
        var changed = ChangedChunks()
        var changes = try Comparison(from: delta.manifest, to: manifest, pages: store.pages)
        while let change = try changes.next() { changed.append(change) }
        for offer in delta.offers(changed, isInstalled: { FileEntry.isInstalled($0, with: packs) }) { planner.offer(offer) }
    }
}

extension UpdateCost {
    init(_ cost: Cost) {
        bytesDownloaded = cost.bytesDownloaded
        bytesReused = cost.bytesReused
        bytesWritten = cost.bytesWritten
        requests = cost.requests
        filesLinked = cost.filesLinked
        filesWritten = cost.filesWritten
        bytesReadOver = cost.bytesReadOver
        sources = cost.copied.sorted { ($0.key ?? .max) < ($1.key ?? .max) }.map { source in
            UpdateSource(place: source.key.map { .generation($0) } ?? .shipped, bytes: source.value)
        }
        bytesOfDeltas = cost.bytesOfDeltas
        bytesFromDeltas = cost.bytesFromDeltas
    }
}
