internal import InstarContent
internal import InstarCryptography
internal import InstarManifest

/// Turns a build that is cut into entries of a manifest: which chunk lies where, and which must be written first.
struct ReleaseAssembly {
    private let build: Build
    private let cuts: [CutFile?]
    private var index: ContentIndex
    private(set) var packing: FramePacking
    /// Content that the repository has too, in frames that the release does without.
    private let moved: Set<Digest>

    init(_ cut: CutBuild, index: ContentIndex, frameSize: Int) {
        (build, cuts) = (cut.build, cut.cuts)
        packing = FramePacking(frameSize: frameSize)
        var index = index
        let moved = index.leaveSparseFrames(neededBy: cut.cuts)
        (self.index, self.moved) = (index, moved)
        // What moved lies behind the others, so that updates, which fetch nothing of it, find the rest together.
        for isMoved in moved.isEmpty ? [false] : [false, true] {
            for group in groups {
                for item in group { addChunks(of: item) { moved.contains($0) == isMoved } }
                packing.endFrame()
            }
        }
    }

    /// The order in which new content is stored: what is fetched together lies together. Modules first, since a running
    /// game waits for them; then pack by pack; in each, files of one kind follow each other, which compresses best.
    private var groups: [[Int]] {
        var groups: [String: [Int]] = [:]
        for (index, item) in build.items.enumerated() {
            groups[item.module != nil ? "0" : "1\(item.pack == FileEntry.basePack ? "" : item.pack)", default: []].append(index)
        }
        return groups.sorted { $0.key < $1.key }.map(\.value)
    }

    private mutating func addChunks(of item: Int, where isWanted: (Digest) -> Bool) {
        var offset: UInt64 = 0
        for piece in cuts[item]?.pieces ?? [] {
            defer { offset += UInt64(piece.size) }
            guard !piece.isZero, isWanted(piece.digest), index[piece.digest] == nil else { continue }
            let place = packing.append(NewChunk(digest: piece.digest, size: piece.size, item: item, offset: offset))
            index.insert(piece.digest, at: .init(frame: UInt32(index.frames.count + place.frame), start: place.start))
        }
    }

    /// The entries of the release in path order, once the frames of `packing` are written and lie at `frames`.
    mutating func entries(newFrames frames: [Frame]) -> [FileEntry] {
        index.append(frames: frames)
        return zip(build.items, cuts).map { item, cut in
            var chunks: [Chunk] = []
            for piece in cut?.pieces ?? [] {
                if let place = piece.isZero ? nil : index[piece.digest] {
                    chunks.append(Chunk(digest: piece.digest, size: piece.size, frame: place.frame, start: place.start))
                } else {
                    chunks.append(Chunk(holeOf: piece.size))
                }
            }
            return FileEntry(
                path: item.path, kind: item.kind, size: cut?.size ?? 0, digest: cut?.digest ?? .ofNothing, pack: item.pack,
                module: item.module,
                chunks: chunks)
        }
    }

    /// All frames that entries refer to.
    var frames: [Frame] { index.frames }

    /// Chunks that the repository did not have.
    var newChunkCount: Int { packing.chunks.count - moved.count }

    /// Plain bytes of those.
    var newSize: UInt64 { packing.chunks.reduce(0) { moved.contains($1.digest) ? $0 : $0 + UInt64($1.size) } }
}
