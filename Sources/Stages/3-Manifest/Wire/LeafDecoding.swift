internal import InstarCryptography
internal import SwiftProtobuf

extension LeafPage {
    /// Checks and decodes a leaf: every index in range, every sum right, every path allowed and in order.
    init(_ leaf: WireLeaf) throws(ManifestError) {
        let frames = try leaf.frames.decoded()
        let paths = try leaf.paths.decoded()
        try requireOrder(paths)
        try requireCount(leaf.kinds.count, paths.count, "file kinds")
        guard !paths.isEmpty else { throw .damaged("a page lists nothing") }
        var reader = LeafReader(leaf: leaf, fileDigests: try leaf.fileDigests.digests("file digests"))
        let packs = try leaf.packColumn(count: paths.count)
        let modules = try leaf.modules.decoded(fileCount: paths.count)
        var chunks = try ChunkReader(leaf.chunks, frames: frames)
        var files: [FileEntry] = []
        files.reserveCapacity(paths.count)
        for (index, path) in paths.enumerated() {
            var file = try reader.file(at: index, path: path, chunks: &chunks)
            if let packs { file.pack = packs[index] }
            if !modules.isEmpty { file.module = modules[index] }
            files.append(file)
        }
        try reader.requireEnd()
        try chunks.requireEnd()
        self.init(page: Page(frames: frames, files: files), beginsInside: leaf.beginsInside, endsInside: leaf.endsInside)
    }
}

/// Paths of one page grow strictly, byte by byte.
func requireOrder(_ paths: [ReleasePath]) throws(ManifestError) {
    for (path, next) in zip(paths, paths.dropFirst()) where !(path < next) {
        throw .damaged("\"\(next)\" does not come after \"\(path)\"")
    }
}

/// Walks the columns that have one value for some files only.
private struct LeafReader {
    let leaf: WireLeaf
    let fileDigests: [Digest]
    private var nextTarget = 0
    private var nextCount = 0
    private var nextDigest = 0

    init(leaf: WireLeaf, fileDigests: [Digest]) {
        (self.leaf, self.fileDigests) = (leaf, fileDigests)
    }

    mutating func file(at index: Int, path: ReleasePath, chunks: inout ChunkReader) throws(ManifestError) -> FileEntry {
        let kind = try kind(at: index, path: path)
        var file = FileEntry(path: path, kind: kind, size: 0, digest: .ofNothing, chunks: [])
        let isFirst = index == 0 && leaf.beginsInside
        let isLast = index == leaf.kinds.count - 1 && leaf.endsInside
        guard case .file = kind else {
            if isFirst || isLast { throw .damaged("\"\(path)\" is no file, but spans pages") }
            return file
        }
        guard nextCount < leaf.chunkCounts.count else { throw .damaged("a page has too few chunk counts") }
        file.chunks = try chunks.next(Int(leaf.chunkCounts[nextCount]))
        nextCount += 1
        // No overflow: a page has fewer than 2^18 chunks of fewer than 2^32 bytes each.
        file.size = file.chunks.reduce(0) { $0 + UInt64($1.size) }
        if isLast || (!isFirst && !file.chunks.isEmpty && !file.isSingleChunk) {
            file.digest = isFirst ? .ofNothing : try digest(of: path)
        } else if file.isSingleChunk, !isFirst {
            file.digest = file.chunks[0].digest
        }
        return file
    }

    private mutating func kind(at index: Int, path: ReleasePath) throws(ManifestError) -> FileEntry.Kind {
        switch leaf.kinds[index] {
        case 0: return .file(isExecutable: false)
        case 1: return .file(isExecutable: true)
        case 3: return .emptyDirectory
        case 2:
            guard nextTarget < leaf.targets.count else { throw .damaged("a page has too few link targets") }
            let target = leaf.targets[nextTarget]
            nextTarget += 1
            guard path.allowsLink(to: target) else {
                throw .path(PathError(path: path.description, reason: .linkLeavesRelease(target: target)))
            }
            return .symbolicLink(target: target)
        case let kind: throw .damaged("\"\(path)\" has the unknown kind \(kind)")
        }
    }

    private mutating func digest(of path: ReleasePath) throws(ManifestError) -> Digest {
        guard nextDigest < fileDigests.count else { throw .damaged("\"\(path)\" has no digest") }
        nextDigest += 1
        return fileDigests[nextDigest - 1]
    }

    func requireEnd() throws(ManifestError) {
        try requireCount(leaf.targets.count, nextTarget, "link targets")
        try requireCount(leaf.chunkCounts.count, nextCount, "chunk counts")
        try requireCount(fileDigests.count, nextDigest, "file digests")
    }
}

/// Walks the chunk columns.
struct ChunkReader {
    private let digests: [Digest]
    private let sizes: [UInt32]
    private let places: [UInt32]
    private let starts: [UInt32]
    private let plainSizes: [UInt32]
    private var next = 0
    private var nextDigest = 0
    private var nextStart = 0
    /// Frame and end of the last stored chunk.
    private var end: (frame: UInt32, start: UInt32)?

    init(_ wire: WireChunks, frames: [Frame]) throws(ManifestError) {
        digests = try wire.digests.digests("chunk digests")
        (sizes, places, starts) = (wire.sizes, wire.places, wire.starts)
        plainSizes = frames.map(\.plainSize)
        try requireCount(places.count, sizes.count, "chunk places")
    }

    /// The chunks of one file, or of the part of it that is in this page.
    mutating func next(_ count: Int) throws(ManifestError) -> [Chunk] {
        guard count <= sizes.count - next else { throw .damaged("a page has too few chunks") }
        var chunks: [Chunk] = []
        chunks.reserveCapacity(count)
        for index in next..<next + count {
            guard sizes[index] > 0 else { throw .damaged("a chunk is empty") }
            chunks.append(places[index] == 0 ? Chunk(holeOf: sizes[index]) : try stored(at: index))
        }
        next += count
        return chunks
    }

    private mutating func stored(at index: Int) throws(ManifestError) -> Chunk {
        guard nextDigest < digests.count else { throw .damaged("a page has too few chunk digests") }
        let (frame, start) = try place(at: index)
        let size = sizes[index]
        guard Int(frame) < plainSizes.count else { throw .damaged("a chunk lies in frame \(frame) of \(plainSizes.count)") }
        let (chunkEnd, overflow) = start.addingReportingOverflow(size)
        guard !overflow, chunkEnd <= plainSizes[Int(frame)] else { throw .damaged("a chunk reaches over the end of its frame") }
        nextDigest += 1
        end = (frame, chunkEnd)
        return Chunk(digest: digests[nextDigest - 1], size: size, frame: frame, start: start)
    }

    private mutating func place(at index: Int) throws(ManifestError) -> (frame: UInt32, start: UInt32) {
        if places[index] == 1 {
            guard let end else { throw .damaged("the first chunk of a page follows none") }
            return end
        }
        guard nextStart < starts.count else { throw .damaged("a page has too few chunk starts") }
        nextStart += 1
        return (places[index] - 2, starts[nextStart - 1])
    }

    func requireEnd() throws(ManifestError) {
        try requireCount(sizes.count, next, "chunks")
        try requireCount(digests.count, nextDigest, "chunk digests")
        try requireCount(starts.count, nextStart, "chunk starts")
    }
}

extension WireLeaf {
    /// The pack of each file; nil where all are in `base`.
    fileprivate func packColumn(count: Int) throws(ManifestError) -> [String]? {
        if packs.isEmpty { return nil }
        try requireCount(packs.count, count, "packs")
        let names = [FileEntry.basePack] + packNames
        guard names.allSatisfy({ Manifest.Pack.isValid(name: $0) }) else { throw .damaged("a pack has no proper name") }
        var column: [String] = []
        for pack in packs {
            guard Int(pack) < names.count else { throw .damaged("a file is in pack \(pack) of \(names.count)") }
            column.append(names[Int(pack)])
        }
        return column
    }
}

extension WireModules {
    /// The modules by the index of their file.
    fileprivate func decoded(fileCount: Int) throws(ManifestError) -> [Int: ModuleDescription] {
        try requireCount(engines.count, files.count, "module engines")
        try requireCount(names.count, files.count, "module names")
        var modules: [Int: ModuleDescription] = [:]
        for (index, file) in files.enumerated() {
            guard Int(file) < fileCount, modules[Int(file)] == nil, Int(engines[index]) < engineNames.count else {
                throw .damaged("a module belongs to no file, or two to one")
            }
            modules[Int(file)] = ModuleDescription(engine: engineNames[Int(engines[index])], name: names[index])
        }
        for index in restart {
            guard Int(index) < files.count else { throw .damaged("a restart mark belongs to no module") }
            modules[Int(files[Int(index)])]?.needsRestart = true
        }
        return modules
    }
}
