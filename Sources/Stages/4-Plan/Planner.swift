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
    private var deltas: [OfferedDelta] = []

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

    /// Offers a frame that brings chunks of the release in fewer bytes, given content that is on this machine.
    package mutating func offer(_ delta: OfferedDelta) {
        deltas.append(delta)
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
        let choice = chooseDeltas(for: remote)
        let (wantedFrames, pieces) = groupByFrame(remote, choice)
        var plan = Plan(
            release: release, base: base, files: files, copies: copies(), fetches: merging.fetches(of: wantedFrames), pieces: pieces,
            frames: frames, prefixes: choice.prefixes, inflations: choice.inflations)
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

    /// The deltas that bring what is missing in fewer bytes than the frames of the manifest.
    private func chooseDeltas(for remote: [Int]) -> DeltaChoice {
        guard !deltas.isEmpty else { return DeltaChoice() }
        var costs: [Digest: Double] = [:]
        for index in remote {
            let occurrence = occurrences[index], frame = frames[Int(occurrence.frame)]
            costs[occurrence.digest] = Double(occurrence.size) * Double(frame.compressedSize) / Double(max(1, frame.plainSize))
        }
        return DeltaChoice(among: deltas, costs: costs)
    }

    /// The frames that hold the given occurrences, with the run of pieces that each one serves.
    private func groupByFrame(_ remote: [Int], _ choice: DeltaChoice) -> ([WantedFrame], [Piece]) {
        // Frames of deltas are numbered behind those of the manifest.
        let places = remote.map { index in
            let occurrence = occurrences[index]
            guard let place = choice.places[occurrence.digest] else { return (frame: Int(occurrence.frame), start: occurrence.start) }
            return (frame: frames.count + place.delta, start: place.start)
        }
        let inOrder = remote.indices.sorted { left, right in
            let (one, other) = (occurrences[remote[left]], occurrences[remote[right]])
            return (places[left].frame, places[left].start, one.file, one.fileOffset)
                < (places[right].frame, places[right].start, other.file, other.fileOffset)
        }
        var grouped: [WantedFrame] = []
        var pieces: [Piece] = []
        pieces.reserveCapacity(inOrder.count)
        var current: Int?
        for index in inOrder {
            let occurrence = occurrences[remote[index]], place = places[index]
            if place.frame != current {
                current = place.frame
                let delta = place.frame < frames.count ? nil : choice.chosen[place.frame - frames.count]
                let frame = delta?.frame ?? frames[place.frame]
                grouped.append(
                    WantedFrame(frame: frame, pieces: pieces.count..<pieces.count, prefix: delta?.prefix, inflation: delta?.inflation))
            }
            pieces.append(
                Piece(
                    digest: occurrence.digest, size: occurrence.size, start: place.start, file: occurrence.file,
                    fileOffset: occurrence.fileOffset, frame: occurrence.frame, frameStart: occurrence.start))
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
