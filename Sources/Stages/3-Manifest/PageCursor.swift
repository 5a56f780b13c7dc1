/// Walks the files of a release page by page in path order, checking what no single page can show: that paths grow
/// from page to page, that files which span pages are whole, that no two paths exclude each other, and that the
/// tree holds exactly what the manifest says. Memory is that of one page a level.
///
///     var cursor = manifest.pages(from: source)
///     while let page = try cursor.next() { … }
package struct PageCursor<Source: PageSource> {
    private let source: Source
    private let totals: Manifest.Totals
    private var leaves: LeafSequence<Source>
    private var register = PathRegister()
    private var seen = Manifest.Totals()

    fileprivate init(manifest: Manifest, source: Source, joining: Bool) throws(ManifestError) {
        self.source = source
        totals = manifest.totals
        leaves = try LeafSequence(root: manifest.root, source: source, maximumPages: manifest.totals.pages)
        leaves.isJoining = joining
    }

    /// The next page; the files in it are always whole. Nil after the last.
    package mutating func next() throws(ManifestError) -> Page? {
        guard let page = try leaves.next() else {
            seen.pages = leaves.pagesRead
            guard seen == totals else { throw .damaged("it holds \(seen), but claims \(totals)") }
            return nil
        }
        for file in page.files {
            do { try register.insert(file.path, isDirectory: file.kind == .emptyDirectory) } catch { throw .path(error) }
            seen.files += 1
            seen.chunks += UInt64(file.chunks.count)
            seen.size &+= file.size
        }
        seen.chunks += page.continuation.chunks
        guard seen.isWithin(totals) else { throw .tooLarge("it holds more than it claims") }
        return page
    }
}

extension Manifest {
    /// The files of the release, page by page. Every page that the walk reaches must be in `source`.
    ///
    /// - Parameter joining: whether a file that spans pages has all its chunks. A file of gigabytes has hundreds of thousands;
    ///   without joining it has those of its first page, and `Page.continuation` names the others.
    package func pages<Source: PageSource>(from source: Source, joining: Bool = true) throws(ManifestError) -> PageCursor<Source> {
        try PageCursor(manifest: self, source: source, joining: joining)
    }

    /// Calls `body` with every file of the release, in path order, without what `pages(from:)` checks and without chunks beyond
    /// the first page of a file: for whoever has walked the release before.
    package func forEachKnownFile(in source: some PageSource, _ body: (FileEntry) throws -> Void) throws {
        var leaves = try LeafSequence(root: root, source: source, maximumPages: totals.pages)
        leaves.isJoining = false
        while let page = try leaves.next() { for file in page.files { try body(file) } }
    }
}

/// Leaf pages in order, joined where a file spans several. Walks a whole tree, or a list of references.
struct LeafSequence<Source: PageSource> {
    private let source: Source
    /// What is still to visit, the next one last.
    private var pending: [PageReference]
    private var rootPage: LeafPage?
    /// What a page lists behind the end of a file that began in an earlier one.
    private var ahead: LeafPage?
    /// Whether a file that spans pages gets all its chunks, or names the pages in which they are.
    var isJoining = true
    private var lastPath: ReleasePath?
    private let maximumPages: UInt64
    private(set) var pagesRead: UInt64

    init(root: [UInt8], source: Source, maximumPages: UInt64) throws(ManifestError) {
        self.source = source
        self.maximumPages = maximumPages
        pagesRead = 1
        switch try AnyPage(decoding: root, height: nil) {
        case .leaf(let leaf): (rootPage, pending) = (leaf, [])
        case .inner(let references): (rootPage, pending) = (nil, references.reversed())
        }
    }

    init(references: [PageReference], source: Source) {
        self.source = source
        maximumPages = .max
        pagesRead = 0
        pending = references.reversed()
    }

    mutating func next() throws(ManifestError) -> Page? {
        let next: LeafPage? = if let ahead = ahead.take() { ahead } else { try nextLeaf()?.leaf }
        guard var leaf = next else { return nil }
        guard !leaf.beginsInside else { throw .damaged("\"\(leaf.page.files[0].path)\" goes on without a beginning") }
        while leaf.endsInside {
            guard let (more, reference) = try nextLeaf(), more.beginsInside, let reference else {
                throw .damaged("the file at the end of a page does not go on")
            }
            if isJoining { try leaf.join(more) } else { ahead = try leaf.pass(more, reference) }
        }
        if let lastPath, !(lastPath < leaf.page.files[0].path) {
            throw .damaged("\"\(leaf.page.files[0].path)\" does not come after \"\(lastPath)\"")
        }
        lastPath = leaf.page.files.last?.path
        return leaf.page
    }

    /// The next leaf and how its parent names it; the root has no parent.
    private mutating func nextLeaf() throws(ManifestError) -> (leaf: LeafPage, reference: PageReference?)? {
        if let leaf = rootPage.take() { return (leaf, nil) }
        while let reference = pending.popLast() {
            pagesRead += 1
            guard pagesRead <= maximumPages else { throw .tooLarge("it has more pages than it claims") }
            switch try source.load(reference) {
            case .leaf(let leaf): return (leaf, reference)
            case .inner(let references): pending += references.reversed()
            }
        }
        return nil
    }
}

extension LeafPage {
    /// Chunks of one file that spans pages. Bounds what a hostile manifest makes a client collect for one file.
    private static var maximumJoinedChunks: Int { 1 << 22 }

    /// Appends the page in which the last file goes on.
    mutating func join(_ more: LeafPage) throws(ManifestError) {
        let (last, part, rest) = (page.files.count - 1, more.page.files[0], more.page.files.dropFirst())
        try checkGoesOn(in: part, having: page.files[last].chunks.count)
        let shift = UInt32(page.frames.count)
        page.frames += more.page.frames
        page.files[last].chunks += part.chunks.map { $0.moved(by: shift) }
        page.files[last].size += part.size
        page.files += rest.map { $0.moved(by: shift) }
        endsInside = more.endsInside
    }

    /// Notes the page in which the last file goes on, without its chunks; answers what else that page lists.
    mutating func pass(_ more: LeafPage, _ reference: PageReference) throws(ManifestError) -> LeafPage? {
        let (last, part, rest) = (page.files.count - 1, more.page.files[0], more.page.files.dropFirst())
        try checkGoesOn(in: part, having: page.files[last].chunks.count + Int(page.continuation.chunks))
        page.files[last].size += part.size
        page.continuation.pages.append(reference)
        page.continuation.chunks += UInt64(part.chunks.count)
        endsInside = more.endsInside && rest.isEmpty
        guard !rest.isEmpty else { return nil }
        return LeafPage(page: Page(frames: more.page.frames, files: Array(rest)), beginsInside: false, endsInside: more.endsInside)
    }

    private func checkGoesOn(in part: FileEntry, having chunks: Int) throws(ManifestError) {
        let file = page.files[page.files.count - 1]
        guard file.path == part.path, file.kind == part.kind else { throw .damaged("\"\(file.path)\" goes on as another file") }
        guard chunks + part.chunks.count <= LeafPage.maximumJoinedChunks else {
            throw .tooLarge("\"\(part.path)\" has more than \(LeafPage.maximumJoinedChunks) chunks")
        }
    }
}

extension Chunk {
    fileprivate func moved(by frames: UInt32) -> Chunk {
        isHole ? self : Chunk(digest: digest, size: size, frame: frame + frames, start: start)
    }
}

extension FileEntry {
    fileprivate func moved(by frames: UInt32) -> FileEntry {
        var file = self
        file.chunks = chunks.map { $0.moved(by: frames) }
        return file
    }
}
