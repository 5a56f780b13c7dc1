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
        // One comparison serves both where the delta starts from the base, as it does unless somebody rolled back.
        var selected = delta?.manifest.identity == base?.manifest.identity ? delta.map { SelectedChunks(for: $0.index) } : nil
        if let base { try compare(with: base, into: &update, &planner, &selected) }
        try readRelease(into: &update, &planner, refused: refused)
        try LocalSources(store: store, shipped: shipped, base: base).offer(to: &planner, for: manifest, holding: lock)
        if let delta { try offer(delta, selected, for: manifest, &planner) }
        update.plan = (consume planner).plan(release: manifest.identity, base: base?.manifest.identity, totals: update.totals)
        return update
    }

    /// Adds what differs between the two releases; what is gone or replaced is offered as a source.
    private func compare(
        with base: Base, into update: inout PlannedUpdate, _ planner: inout Planner, _ selected: inout SelectedChunks?
    ) throws {
        var changes = try Comparison(from: base.manifest, to: update.manifest, pages: store.pages, joining: false)
        var offers: [PlacedFile] = []
        while let change = try changes.next() {
            switch change {
            case .added(let new): try add(new, to: &update, &planner)
            case .changed(let old, let new):
                try add(new, to: &update, &planner)
                offers.append(old)
            case .removed(let old): offers.append(old)
            }
            try selected?.append(change, reading: store.pages)
        }
        let files = GenerationFiles(store, generation: base.generation.number)
        for file in offers { try planner.offer(file, base.generation.number, files, reading: store.pages) }
    }

    private func add(_ new: PlacedFile, to update: inout PlannedUpdate, _ planner: inout Planner) throws {
        guard new.file.isInstalled(with: packs) else { return }
        try planner.want(new, reading: store.pages)
        update.assembled.insert(new.file.path)
    }

    /// One walk over the whole release: it checks the tree as a whole, adds up what is installed, and adds what has to be
    /// built anew though the release did not change it: all of it where nothing is installed yet.
    private func readRelease(into update: inout PlannedUpdate, _ planner: inout Planner, refused: Set<ReleasePath>) throws {
        var cursor = try update.manifest.pages(from: store.pages, joining: false)
        while let page = try cursor.next() {
            for entry in page.files where entry.isInstalled(with: packs) {
                if case .file = entry.kind { update.totals.files += 1 }
                update.totals.bytes += entry.size
                guard update.base == nil || refused.contains(entry.path), !update.assembled.contains(entry.path) else { continue }
                let isLast = entry.path == page.files.last?.path
                let continuation = isLast ? page.continuation.pages : []
                try add(PlacedFile(file: entry, frames: page.frames, continuation: continuation), to: &update, &planner)
            }
        }
    }

    /// Offers the frames of a delta.
    ///
    /// - Parameter selected: what comparing the base of the delta with the release came upon; nil where it has not been done.
    private func offer(_ delta: ReadyDelta, _ selected: SelectedChunks?, for manifest: Manifest, _ planner: inout Planner) throws {
        let chunks: SelectedChunks
        if let selected {
            chunks = selected
        } else {
            var compared = SelectedChunks(for: delta.index)
            var changes = try Comparison(from: delta.manifest, to: manifest, pages: store.pages, joining: false)
            while let change = try changes.next() { try compared.append(change, reading: store.pages) }
            chunks = compared
        }
        for offer in delta.offers(chunks, isInstalled: { FileEntry.isInstalled($0, with: packs) }) { planner.offer(offer) }
    }
}

extension Planner {
    /// Wants a file whose chunks may lie in several pages.
    fileprivate mutating func want(_ new: PlacedFile, reading pages: ObjectFolder) throws {
        want(new.file, frames: new.frames)
        guard !new.continuation.isEmpty else { return }
        try new.forEachPart(reading: pages) { chunks, offset, frames in
            if offset > 0 { wantMore(chunks, at: offset, frames: frames) }
        }
    }

    /// Offers a file of a generation, whose chunks may lie in several pages.
    mutating func offer(_ file: PlacedFile, _ generation: UInt64, _ files: GenerationFiles, reading pages: ObjectFolder) throws {
        var offer = LocalOffer(generation: generation, path: file.file.path)
        try file.forEachPart(reading: pages) { chunks, _, _ in
            self.offer(chunks, of: &offer) { files.holds(file.file.path) }
        }
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
