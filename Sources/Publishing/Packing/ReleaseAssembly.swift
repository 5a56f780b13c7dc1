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

    /// - Parameter apart: New chunks that most clients get by a delta, in sets of what they get together or not at all.
    init(_ cut: CutBuild, index: ContentIndex, frameSize: Int, apart: [Set<Digest>] = []) {
        (build, cuts) = (cut.build, cut.cuts)
        packing = FramePacking(frameSize: frameSize)
        var index = index
        let moved = index.leaveSparseFrames(neededBy: cut.cuts)
        (self.index, self.moved) = (index, moved)
        // What deltas bring lies behind the others, then what moved, so that updates, which fetch nothing of either, find the
        // rest together.
        let last = apart + [moved]
        func rank(_ chunk: Digest) -> Int { last.lastIndex { $0.contains(chunk) }.map { $0 + 1 } ?? 0 }
        for wanted in 0...last.count where wanted == 0 || !last[wanted - 1].isEmpty {
            for group in groups {
                for item in group { addChunks(of: item) { rank($0) == wanted } }
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
        return ReleaseAssembly.entries(of: build, cuts) { index[$0] }
    }

    /// The entries of a release whose chunks lie where `place` says.
    static func entries(of build: Build, _ cuts: [CutFile?], place: (Digest) -> ContentIndex.Place?) -> [FileEntry] {
        zip(build.items, cuts).map { item, cut in
            let chunks = (cut?.pieces ?? []).map { piece in
                guard let place = piece.isZero ? nil : place(piece.digest) else { return Chunk(holeOf: piece.size) }
                return Chunk(digest: piece.digest, size: piece.size, frame: place.frame, start: place.start)
            }
            return FileEntry(
                path: item.path, kind: item.kind, size: cut?.size ?? 0, digest: cut?.digest ?? .ofNothing, pack: item.pack,
                module: item.module, chunks: chunks)
        }
    }

    /// All frames that entries refer to.
    var frames: [Frame] { index.frames }

    /// What a chunk of the release costs without a delta: its share of its frame.
    func cost(of chunk: Digest, size: UInt32) -> Double {
        guard let place = index[chunk] else { return 0 }
        let frame = index.frames[Int(place.frame)]
        return Double(size) * Double(frame.compressedSize) / Double(max(1, frame.plainSize))
    }

    /// Chunks that the repository did not have.
    var newChunkCount: Int { packing.chunks.count - moved.count }

    /// Plain bytes of those.
    var newSize: UInt64 { packing.chunks.reduce(0) { moved.contains($1.digest) ? $0 : $0 + UInt64($1.size) } }
}
