internal import InstarContent
package import InstarCryptography

/// Where a publisher keeps the pages of one level.
package protocol PageStorage {
    /// Stores the pages, in order, and tells where each lies. Pages that the repository already has keep their place.
    mutating func store(_ pages: [(digest: Digest, bytes: [UInt8])]) throws -> [Frame]
}

/// Cuts the files of a release into pages and builds the tree over them.
///
/// Where a page ends depends on path names, and inside files of many chunks on chunk digests, never on what came
/// before it but for the least size: so a change leaves all pages but its own as they were.
package struct PageWriter {
    private var cutter = PageCutter()
    private var pending = LeafPage(page: Page(frames: [], files: []), beginsInside: false, endsInside: false)
    private var finished: [(bytes: [UInt8], firstPath: ReleasePath, continues: Bool)] = []
    private var totals = Manifest.Totals()

    package init() {}

    /// Adds the next file, in path order. `file.chunks` refer to `frames`.
    package mutating func append(_ file: FileEntry, frames: [Frame]) {
        totals.files += 1
        totals.chunks += UInt64(file.chunks.count)
        totals.size += file.size
        cutter.addHeader(of: file)
        guard file.chunks.count > PageCutter.wholeFileChunks else {
            let isCut = cutter.cutsAfter(file)
            add(file, chunks: file.chunks[...], frames: frames)
            if isCut { finishPage(inside: false) }
            return
        }
        var begin = 0
        for (index, chunk) in file.chunks.enumerated() where cutter.cutsAfter(chunk) && index + 1 < file.chunks.count {
            add(file, chunks: file.chunks[begin...index], frames: frames)
            finishPage(inside: true)
            begin = index + 1
        }
        add(file, chunks: file.chunks[begin...], frames: frames)
        if cutter.cutsAfterEnd(of: file) { finishPage(inside: false) }
    }

    /// Ends the last page, stores all pages level by level and gives the root page and what the tree holds.
    package consuming func finish(storing storage: inout some PageStorage) throws -> (root: [UInt8], totals: Manifest.Totals) {
        if !pending.page.files.isEmpty { finishPage(inside: false) }
        guard !finished.isEmpty else { throw ManifestError.damaged("a release without files cannot be published") }
        var totals = totals
        totals.pages = UInt64(finished.count)
        var level = finished
        var height = 0
        while level.count > 1 {
            let named = level.map { (digest: Digest(of: $0.bytes), bytes: $0.bytes) }
            let frames = try storage.store(named)
            let references = level.indices.map { index in
                PageReference(
                    digest: named[index].digest, frame: frames[index], firstPath: level[index].firstPath, continues: level[index].continues,
                    height: height)
            }
            level = PageCutter.innerPages(of: references)
            height += 1
            totals.pages += UInt64(level.count)
        }
        return (level[0].bytes, totals)
    }

    private mutating func add(_ file: FileEntry, chunks: ArraySlice<Chunk>, frames: [Frame]) {
        var part = file
        part.chunks = chunks.map { chunk in
            guard !chunk.isHole else { return chunk }
            var chunk = chunk
            chunk.frame = pending.page.index(of: frames[Int(chunk.frame)])
            return chunk
        }
        pending.page.files.append(part)
    }

    private mutating func finishPage(inside: Bool) {
        pending.endsInside = inside
        pending.page.sortFrames()
        finished.append((pending.encoded(), pending.page.files[0].path, pending.beginsInside))
        pending = LeafPage(page: Page(frames: [], files: []), beginsInside: inside, endsInside: false)
        cutter.beginPage()
    }
}

extension Page {
    /// The index of `frame` in this page, to which it is added where it is new. Chunks of one frame follow each other.
    fileprivate mutating func index(of frame: Frame) -> UInt32 {
        if let index = frames.lastIndex(of: frame) { return UInt32(index) }
        frames.append(frame)
        return UInt32(frames.count - 1)
    }

    /// Puts the frames in the order of bundle and offset, so that their places are small numbers.
    fileprivate mutating func sortFrames() {
        let order = frames.indices.sorted { (frames[$0].bundle, frames[$0].offset) < (frames[$1].bundle, frames[$1].offset) }
        var places = [UInt32](repeating: 0, count: frames.count)
        for (place, index) in order.enumerated() { places[index] = UInt32(place) }
        frames = order.map { frames[$0] }
        for file in files.indices {
            for chunk in files[file].chunks.indices where !files[file].chunks[chunk].isHole {
                files[file].chunks[chunk].frame = places[Int(files[file].chunks[chunk].frame)]
            }
        }
    }
}
