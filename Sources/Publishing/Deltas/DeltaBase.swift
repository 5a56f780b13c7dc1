internal import InstarContent
internal import InstarCryptography
internal import InstarManifest

/// An earlier release that a delta starts from, compared with the one that is being published.
struct DeltaBase {
    /// Where an old chunk lies in the repository.
    struct Place: Hashable {
        /// Index into `frames`.
        var frame: UInt32
        var start: UInt32
    }

    let manifest: Manifest
    /// Its pages below the root, in the order of their ordinal numbers.
    let pages: [Digest]
    /// All its chunks.
    private(set) var chunks: Set<Digest> = []
    private(set) var changed = ChangedChunks()
    private(set) var frames: [Frame] = []
    /// Bytes of each file of `changed.old`.
    private(set) var oldSizes: [UInt64] = []
    /// Where each chunk of `changed.old` lies.
    private(set) var places: [Place] = []
    /// The file of `changed.old` that a file of `changed.new` replaces.
    private(set) var replaced: [UInt32?] = []
    /// The entry of the new release that each file of `changed.new` is.
    private(set) var entries: [Int] = []
    private var numbers: [Frame: UInt32] = [:]

    /// - Parameters:
    ///   - entries: all of the new release in path order; where their chunks will lie does not matter.
    ///   - source: has the pages of the release.
    init(_ manifest: Manifest, comparedWith entries: [FileEntry], reading source: RepositoryPages) throws {
        self.manifest = manifest
        var all: Set<Digest> = []
        try manifest.visit(
            reading: source,
            entering: { page in
                _ = source.learn(page)
                return true
            }, leaf: { page in for file in page.files { for chunk in file.chunks where !chunk.isHole { all.insert(chunk.digest) } } })
        chunks = all
        pages = try manifest.pageDigests(in: source)
        var next = 0
        var cursor = try manifest.pages(from: source)
        while let page = try cursor.next() {
            for file in page.files {
                while next < entries.count, entries[next].path < file.path { add(entries, &next) }
                if next < entries.count, entries[next].path == file.path {
                    if !file.hasSameContent(as: entries[next]) { replace(file, page.frames, by: entries[next], number: next) }
                    next += 1
                } else {
                    note(file, page.frames)
                    changed.append(.removed(PlacedFile(file: file, frames: [])))
                }
            }
        }
        while next < entries.count { add(entries, &next) }
    }

    private mutating func add(_ entries: [FileEntry], _ next: inout Int) {
        changed.append(.added(PlacedFile(file: entries[next], frames: [])))
        replaced.append(nil)
        self.entries.append(next)
        next += 1
    }

    private mutating func replace(_ file: FileEntry, _ frames: [Frame], by entry: FileEntry, number: Int) {
        replaced.append(UInt32(changed.old.files.count))
        entries.append(number)
        note(file, frames)
        changed.append(.changed(from: PlacedFile(file: file, frames: []), to: PlacedFile(file: entry, frames: [])))
    }

    private mutating func note(_ file: FileEntry, _ frames: [Frame]) {
        oldSizes.append(file.size)
        for chunk in file.chunks where !chunk.isHole {
            let frame = frames[Int(chunk.frame)]
            let number = numbers[frame] ?? UInt32(self.frames.count)
            if Int(number) == self.frames.count {
                self.frames.append(frame)
                numbers[frame] = number
            }
            places.append(Place(frame: number, start: chunk.start))
        }
    }
}
