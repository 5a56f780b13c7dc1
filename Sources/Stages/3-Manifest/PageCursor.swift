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

    fileprivate init(manifest: Manifest, source: Source) throws(ManifestError) {
        self.source = source
        totals = manifest.totals
        leaves = try LeafSequence(root: manifest.root, source: source, maximumPages: manifest.totals.pages)
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
        guard seen.isWithin(totals) else { throw .tooLarge("it holds more than it claims") }
        return page
    }
}

extension Manifest {
    /// The files of the release, page by page. Every page that the walk reaches must be in `source`.
    package func pages<Source: PageSource>(from source: Source) throws(ManifestError) -> PageCursor<Source> {
        try PageCursor(manifest: self, source: source)
    }
}

/// Leaf pages in order, joined where a file spans several. Walks a whole tree, or a list of references.
struct LeafSequence<Source: PageSource> {
    private let source: Source
    /// What is still to visit, the next one last.
    private var pending: [PageReference]
    private var rootPage: LeafPage?
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
        guard var leaf = try nextLeaf() else { return nil }
        guard !leaf.beginsInside else { throw .damaged("\"\(leaf.page.files[0].path)\" goes on without a beginning") }
        while leaf.endsInside {
            guard let more = try nextLeaf(), more.beginsInside else { throw .damaged("the file at the end of a page does not go on") }
            try leaf.join(more)
        }
        if let lastPath, !(lastPath < leaf.page.files[0].path) {
            throw .damaged("\"\(leaf.page.files[0].path)\" does not come after \"\(lastPath)\"")
        }
        lastPath = leaf.page.files.last?.path
        return leaf.page
    }

    private mutating func nextLeaf() throws(ManifestError) -> LeafPage? {
        if let leaf = rootPage.take() { return leaf }
        while let reference = pending.popLast() {
            pagesRead += 1
            guard pagesRead <= maximumPages else { throw .tooLarge("it has more pages than it claims") }
            switch try source.load(reference) {
            case .leaf(let leaf): return leaf
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
        let last = page.files.count - 1
        let (part, rest) = (more.page.files[0], more.page.files.dropFirst())
        guard page.files[last].path == part.path, page.files[last].kind == part.kind else {
            throw .damaged("\"\(page.files[last].path)\" goes on as another file")
        }
        guard page.files[last].chunks.count + part.chunks.count <= LeafPage.maximumJoinedChunks else {
            throw .tooLarge("\"\(part.path)\" has more than \(LeafPage.maximumJoinedChunks) chunks")
        }
        let shift = UInt32(page.frames.count)
        page.frames += more.page.frames
        page.files[last].chunks += part.chunks.map { $0.moved(by: shift) }
        page.files[last].size += part.size
        page.files += rest.map { $0.moved(by: shift) }
        endsInside = more.endsInside
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
