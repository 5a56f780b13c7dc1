internal import InstarContent
internal import InstarManifest
internal import InstarPlan
internal import InstarStore
internal import SystemPackage

/// Where on this machine an update looks for content, beyond the files that it replaces: everything that is installed,
/// every other generation that is kept, and the directory shipped with the app.
struct LocalSources {
    /// Below this many missing bytes, looking further costs more than it can save.
    static let worthSearching: UInt64 = 256 << 10

    let store: Store
    let shipped: FilePath?
    let base: Base?

    /// Offers one source after the other, the nearest first, for as long as enough is missing.
    func offer(to planner: inout Planner, for manifest: Manifest, holding lock: borrowing WriterLock) throws {
        guard isWorthSearching(planner) else { return }
        if let base { try offer(base, to: &planner) }
        for generation in try store.state().generations.reversed() where generation.number != base?.generation.number {
            guard isWorthSearching(planner) else { return }
            if let other = try Base(generation, in: store) { try offer(other, to: &planner, otherThan: base?.manifest) }
        }
        guard let shipped, isWorthSearching(planner) else { return }
        let index = try store.index(ofShipped: shipped, average: manifest.averageChunk, holding: lock)
        for (path, record) in index.records.sorted(by: { $0.key < $1.key }) {
            guard let path = try? ReleasePath(path) else { continue }
            planner.offer(FileEntry(path, record.cut), generation: nil)
        }
    }

    private func isWorthSearching(_ planner: Planner) -> Bool { planner.bytesMissing >= LocalSources.worthSearching }

    /// Offers what a generation holds and `known` does not; pages that both have are not read.
    private func offer(_ other: Base, to planner: inout Planner, otherThan known: Manifest? = nil) throws {
        let number = other.generation.number
        let files = GenerationFiles(store, generation: number)
        var changes = try Comparison(from: known, to: other.manifest, pages: store.pages, joining: false)
        while let change = try changes.next() {
            switch change {
            case .added(let file), .changed(_, let file): try planner.offer(file, number, files, reading: store.pages)
            case .removed: break
            }
        }
    }
}

extension Base {
    /// A generation with its manifest; nil where the manifest or a page of it is lost, so that nothing is known of its files.
    init?(_ generation: Generation, in store: Store) throws {
        guard let bytes = try store.manifests.content(generation.release.digest), let manifest = try? Manifest(decoding: bytes),
            try manifest.missingPages(in: store.pages).isEmpty
        else { return nil }
        self.init(generation: generation, manifest: manifest)
    }
}

extension FileEntry {
    /// A file outside the store, as it was cut there.
    fileprivate init(_ path: ReleasePath, _ cut: CutFile) {
        self.init(
            path: path, kind: .file(isExecutable: false), size: cut.size, digest: cut.digest,
            chunks: cut.pieces.map { $0.isZero ? Chunk(holeOf: $0.size) : Chunk(digest: $0.digest, size: $0.size, frame: 0, start: 0) })
    }
}
