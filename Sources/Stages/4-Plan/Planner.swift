internal import InstarCryptography
package import InstarManifest

/// Decides where every byte of a release comes from. A pure value: it is told what is wanted and what is at hand, and
/// answers with a plan.
///
///     var planner = Planner()
///     planner.want(entry, frames: page.frames)         // every file that is new or changed
///     planner.offer(oldEntry, generation: 4)           // files on this machine that may hold some of it
///     let plan = planner.plan(release: release, base: base, totals: totals)
package struct Planner: Sendable {
    /// A wanted chunk at one place of one file.
    private struct Occurrence {
        var digest: Digest
        var size: UInt32
        var file: UInt32
        var fileOffset: UInt64
        /// Index into `frames`.
        var frame: UInt32
        var start: UInt32
    }

    private struct FrameKey: Hashable {
        var bundle: Digest
        var offset: UInt64
    }

    private struct LocalPlace {
        var generation: UInt64?
        var source: ReleasePath
        var offset: UInt64
    }

    private let merging: RangeMerging
    private var files: [PlannedFile] = []
    private var holdsModule: [Bool] = []
    private var occurrences: [Occurrence] = []
    private var frames: [Frame] = []
    private var frameIndex: [FrameKey: UInt32] = [:]
    private var wanted: Set<Digest> = []
    private var local: [Digest: LocalPlace] = [:]

    package init(merging: RangeMerging = RangeMerging()) {
        self.merging = merging
    }

    /// Adds a file that must be built. `frames` are those of the page that lists it.
    package mutating func want(_ entry: FileEntry, frames pageFrames: [Frame]) {
        let file = UInt32(files.count)
        files.append(
            PlannedFile(path: entry.path, kind: entry.kind, size: entry.size, digest: entry.digest, isSingleChunk: entry.isSingleChunk))
        holdsModule.append(entry.module != nil)
        var offset: UInt64 = 0
        for chunk in entry.chunks {
            defer { offset += UInt64(chunk.size) }
            // A hole is there as soon as the file has its size.
            guard !chunk.isHole else { continue }
            occurrences.append(
                Occurrence(
                    digest: chunk.digest, size: chunk.size, file: file, fileOffset: offset,
                    frame: index(of: pageFrames[Int(chunk.frame)]), start: chunk.start))
            wanted.insert(chunk.digest)
        }
    }

    /// Offers a file of a local tree as a source; of several that hold the same chunk the first is used.
    ///
    /// - Parameters:
    ///   - generation: nil for the directory shipped with the app.
    ///   - isThere: asked once, and only of a file that would be used: whether it is still what `entry` says.
    package mutating func offer(_ entry: FileEntry, generation: UInt64?, while isThere: () -> Bool = { true }) {
        var offset: UInt64 = 0
        var isUsed = false
        for chunk in entry.chunks {
            if wanted.contains(chunk.digest), local[chunk.digest] == nil {
                guard isUsed || isThere() else { return }
                isUsed = true
                local[chunk.digest] = LocalPlace(generation: generation, source: entry.path, offset: offset)
            }
            offset += UInt64(chunk.size)
        }
    }

    /// Plain bytes that nothing local offers so far: what looking further could save at the most.
    package var bytesMissing: UInt64 {
        occurrences.reduce(0) { local[$1.digest] == nil ? $0 + UInt64($1.size) : $0 }
    }

    /// The plan for all that was wanted so far.
    ///
    /// - Parameter totals: files and bytes of the whole release, from which the linked ones follow.
    package func plan(release: ReleaseIdentity, base: ReleaseIdentity?, totals: ReleaseTotals) -> Plan {
        let remote = occurrences.indices.filter { local[occurrences[$0].digest] == nil }
        let (wantedFrames, pieces) = groupByFrame(remote)
        var plan = Plan(
            release: release, base: base, files: files, copies: copies(), fetches: merging.fetches(of: wantedFrames), pieces: pieces,
            frames: frames)
        plan.cost = Cost(of: plan, totals: totals)
        return plan
    }

    /// Copies in the order of their sources, so that each source file is read once, forwards.
    private func copies() -> [Copy] {
        let copies = occurrences.compactMap { occurrence in
            local[occurrence.digest].map { place in
                Copy(
                    digest: occurrence.digest, size: occurrence.size, file: occurrence.file, fileOffset: occurrence.fileOffset,
                    generation: place.generation, source: place.source, sourceOffset: place.offset, frame: occurrence.frame,
                    start: occurrence.start)
            }
        }
        return copies.sorted { left, right in
            if left.generation != right.generation { return (left.generation ?? 0) < (right.generation ?? 0) }
            return (left.source, left.sourceOffset, left.file, left.fileOffset)
                < (right.source, right.sourceOffset, right.file, right.fileOffset)
        }
    }

    /// The frames that hold the given occurrences, with the run of pieces that each one serves.
    private func groupByFrame(_ remote: [Int]) -> ([WantedFrame], [Piece]) {
        let inOrder = remote.sorted { left, right in
            let (left, right) = (occurrences[left], occurrences[right])
            return (left.frame, left.start, left.file, left.fileOffset) < (right.frame, right.start, right.file, right.fileOffset)
        }
        var grouped: [WantedFrame] = []
        var pieces: [Piece] = []
        pieces.reserveCapacity(inOrder.count)
        var current: UInt32?
        for index in inOrder {
            let occurrence = occurrences[index]
            if occurrence.frame != current {
                current = occurrence.frame
                grouped.append(WantedFrame(frame: frames[Int(occurrence.frame)], pieces: pieces.count..<pieces.count))
            }
            pieces.append(
                Piece(
                    digest: occurrence.digest, size: occurrence.size, start: occurrence.start, file: occurrence.file,
                    fileOffset: occurrence.fileOffset))
            let last = grouped.count - 1
            grouped[last].pieces = grouped[last].pieces.lowerBound..<pieces.count
            if holdsModule[Int(occurrence.file)] { grouped[last].isUrgent = true }
        }
        return (grouped, pieces)
    }

    private mutating func index(of frame: Frame) -> UInt32 {
        let key = FrameKey(bundle: frame.bundle, offset: frame.offset)
        if let known = frameIndex[key] { return known }
        let new = UInt32(frames.count)
        frames.append(frame)
        frameIndex[key] = new
        return new
    }
}

/// What a whole release comes to.
package struct ReleaseTotals: Hashable, Sendable {
    package var files: UInt64
    /// Plain bytes of all files.
    package var bytes: UInt64

    package init(files: UInt64, bytes: UInt64) {
        self.files = files
        self.bytes = bytes
    }
}
