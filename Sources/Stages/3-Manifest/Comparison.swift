internal import InstarCryptography

/// A file of a release together with the frames that its chunks refer to.
package struct PlacedFile: Sendable {
    package var file: FileEntry
    /// All frames of the file's page; `Chunk.frame` is an index into them.
    package var frames: [Frame]
    /// The pages that list the rest of its chunks, where they are not joined.
    package var continuation: [PageReference]

    package init(file: FileEntry, frames: [Frame], continuation: [PageReference] = []) {
        self.file = file
        self.frames = frames
        self.continuation = continuation
    }

    /// Calls `body` with all chunks in order, page by page, with where in the file they begin and the frames that they refer to.
    package func forEachPart(reading source: some PageSource, _ body: ([Chunk], UInt64, [Frame]) throws -> Void) throws {
        try body(file.chunks, 0, frames)
        var offset = file.chunks.reduce(0) { $0 + UInt64($1.size) }
        for reference in continuation {
            guard case .leaf(let leaf) = try source.load(reference) else { continue }
            try body(leaf.page.files[0].chunks, offset, leaf.page.frames)
            offset += leaf.page.files[0].size
        }
    }
}

/// One difference between two releases.
package enum Change: Sendable {
    case added(PlacedFile)
    case removed(PlacedFile)
    /// The same path with other content, kind, pack or module description.
    case changed(from: PlacedFile, to: PlacedFile)

    package var path: ReleasePath {
        switch self {
        case .added(let file), .removed(let file), .changed(_, let file): file.file.path
        }
    }
}

/// The differences between two releases in path order. Pages that both have are skipped by their digest and not read,
/// so the cost is that of what changed, not that of the release.
///
///     var changes = try Comparison(from: installed, to: manifest, pages: store)
///     while let change = try changes.next() { … }
package struct Comparison<Source: PageSource> {
    private var old: PlacedFiles<Source>
    private var new: PlacedFiles<Source>

    /// - Parameters:
    ///   - old: What is installed; nil for a first installation, where every file is added.
    ///   - pages: Holds every page of both releases that the other has not.
    ///   - joining: As for `Manifest.pages(from:joining:)`.
    package init(from old: Manifest?, to new: Manifest, pages: Source, joining: Bool = true) throws(ManifestError) {
        try self.init(from: old, to: new, pages: pages)
        self.old.isJoining = joining
        self.new.isJoining = joining
    }

    private init(from old: Manifest?, to new: Manifest, pages: Source) throws(ManifestError) {
        guard let old else {
            self.old = PlacedFiles(leaves: LeafSequence(references: [], source: pages))
            self.new = PlacedFiles(leaves: try LeafSequence(root: new.root, source: pages, maximumPages: new.totals.pages))
            return
        }
        if old.root == new.root {
            self.old = PlacedFiles(leaves: LeafSequence(references: [], source: pages))
            self.new = self.old
            return
        }
        var trees = TreePair(
            left: try TreeFront(root: old.root, maximumPages: old.totals.pages),
            right: try TreeFront(root: new.root, maximumPages: new.totals.pages))
        try trees.removeCommonPages(reading: pages)
        self.old = PlacedFiles(leaves: try trees.left.leaves(from: pages))
        self.new = PlacedFiles(leaves: try trees.right.leaves(from: pages))
    }

    /// The next difference; nil after the last.
    package mutating func next() throws(ManifestError) -> Change? {
        while true {
            let before = try old.peek(), after = try new.peek()
            switch (before, after) {
            case (nil, nil): return nil
            case (let before?, nil):
                old.advance()
                return .removed(before)
            case (nil, let after?):
                new.advance()
                return .added(after)
            case (let before?, let after?):
                if before.file.path < after.file.path {
                    old.advance()
                    return .removed(before)
                }
                new.advance()
                if after.file.path < before.file.path { return .added(after) }
                old.advance()
                if !before.file.hasSameContent(as: after.file) { return .changed(from: before, to: after) }
            }
        }
    }
}

/// The files of a run of pages one by one, with the next one in view.
private struct PlacedFiles<Source: PageSource> {
    private var leaves: LeafSequence<Source>
    private var page = Page(frames: [], files: [])
    private var index = 0

    var isJoining: Bool {
        get { leaves.isJoining }
        set { leaves.isJoining = newValue }
    }

    init(leaves: LeafSequence<Source>) {
        self.leaves = leaves
    }

    mutating func peek() throws(ManifestError) -> PlacedFile? {
        while index == page.files.count {
            guard let next = try leaves.next() else { return nil }
            (page, index) = (next, 0)
        }
        let isLast = index == page.files.count - 1
        return PlacedFile(file: page.files[index], frames: page.frames, continuation: isLast ? page.continuation.pages : [])
    }

    mutating func advance() { index += 1 }
}
