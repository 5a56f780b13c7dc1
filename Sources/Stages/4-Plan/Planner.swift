internal import InstarCryptography
package import InstarManifest

/// Decides where every byte of a release comes from. A pure value: it is told what is wanted and what is at hand, and
/// answers with a plan.
///
///     var planner = Planner()
///     planner.want(entry, frames: page.frames)         // every file that is new or changed
///     planner.offer(oldEntry, generation: 4)           // files on this machine that may hold some of it
///     let plan = planner.plan(release: release, base: base, totals: totals)
///
/// A file of gigabytes has hundreds of thousands of chunks: each costs a hundred bytes here, and half of that in the plan.
package struct Planner: Sendable {
    private struct FrameKey: Hashable {
        var bundle: Digest
        var offset: UInt64
    }

    /// Where a chunk lies on this machine.
    private struct LocalPlace {
        /// Index into `sources`; `nowhere` for a chunk that nothing local offers.
        var source = Self.nowhere
        var offset: UInt64 = 0

        static let nowhere = UInt32.max
    }

    private let merging: RangeMerging
    private var files: [PlannedFile] = []
    private var holdsModule: [Bool] = []
    /// Every wanted chunk at every place of every file, in the order of files.
    private var wanted: [Piece] = []
    /// Where the first occurrence of each chunk is in `wanted`.
    private var firsts = ChunkTable()
    /// Beside `wanted`; that of a first occurrence counts for all of them.
    private var places: [LocalPlace] = []
    private var sources: [LocalFile] = []
    private var frames: [Frame] = []
    private var frameIndex: [FrameKey: UInt32] = [:]
    private var deltas: [OfferedDelta] = []
    /// Plain bytes of chunks that nothing local offers so far: what looking further could save at the most.
    package private(set) var bytesMissing: UInt64 = 0

    package init(merging: RangeMerging = RangeMerging()) {
        self.merging = merging
    }

    /// Adds a file that must be built. `frames` are those of the page that lists it.
    package mutating func want(_ entry: FileEntry, frames pageFrames: [Frame]) {
        files.append(
            PlannedFile(
                path: entry.path, kind: entry.kind, size: entry.size, digest: entry.digest, isSingleChunk: entry.isSingleChunk,
                ledger: ChunkLedger()))
        holdsModule.append(entry.module != nil)
        add(entry.chunks, at: 0, frames: pageFrames)
    }

    /// Adds more chunks of the file that was added last: it goes on in another page.
    ///
    /// - Parameter offset: where they begin in the file.
    package mutating func wantMore(_ chunks: [Chunk], at offset: UInt64, frames pageFrames: [Frame]) {
        files[files.count - 1].isSingleChunk = false
        add(chunks, at: offset, frames: pageFrames)
    }

    private mutating func add(_ chunks: [Chunk], at begin: UInt64, frames pageFrames: [Frame]) {
        let file = files.count - 1
        var offset = begin
        for chunk in chunks {
            defer { offset += UInt64(chunk.size) }
            // A hole is there as soon as the file has its size.
            guard !chunk.isHole else { continue }
            let frame = index(of: pageFrames[Int(chunk.frame)])
            let number = wanted.count
            wanted.append(
                Piece(
                    digest: chunk.digest, size: chunk.size, start: chunk.start, file: UInt32(file), fileOffset: offset, frame: frame,
                    frameStart: chunk.start))
            places.append(LocalPlace())
            files[file].ledger?.add(ChunkLedger(chunk.digest, at: offset))
            if firsts.enter(number, of: wanted) { bytesMissing += UInt64(chunk.size) }
        }
    }

    /// Offers a file of a local tree as a source; of several that hold the same chunk the first is used.
    ///
    /// - Parameters:
    ///   - generation: nil for the directory shipped with the app.
    ///   - isThere: asked once, and only of a file that would be used: whether it is still what `entry` says.
    package mutating func offer(_ entry: FileEntry, generation: UInt64?, while isThere: () -> Bool = { true }) {
        var offer = LocalOffer(generation: generation, path: entry.path)
        self.offer(entry.chunks, of: &offer, while: isThere)
    }

    /// Offers the next chunks of a file that is offered in parts.
    package mutating func offer(_ chunks: [Chunk], of offer: inout LocalOffer, while isThere: () -> Bool = { true }) {
        for chunk in chunks where !offer.isRefused {
            if !chunk.isHole, let first = firsts.find(chunk.digest, in: wanted), places[first].source == LocalPlace.nowhere {
                guard let source = source(of: &offer, isThere) else { return }
                places[first] = LocalPlace(source: source, offset: offer.offset)
                bytesMissing -= UInt64(wanted[first].size)
            }
            offer.offset += UInt64(chunk.size)
        }
    }

    private mutating func source(of offer: inout LocalOffer, _ isThere: () -> Bool) -> UInt32? {
        if let known = offer.source { return known }
        guard isThere() else {
            offer.isRefused = true
            return nil
        }
        offer.source = UInt32(sources.count)
        sources.append(LocalFile(generation: offer.generation, path: offer.path))
        return offer.source
    }

    /// Offers a frame that brings chunks of the release in fewer bytes, given content that is on this machine.
    package mutating func offer(_ delta: OfferedDelta) {
        deltas.append(delta)
    }

    /// The plan for all that was wanted so far. It takes the planner's memory, so the planner is used up.
    ///
    /// - Parameter totals: files and bytes of the whole release, from which the linked ones follow.
    package consuming func plan(release: ReleaseIdentity, base: ReleaseIdentity?, totals: ReleaseTotals) -> Plan {
        var plan = Plan(release: release, base: base, files: files, sources: sources, frames: frames)
        resolvePlaces()
        (plan.copies, plan.copiedChunks) = takeCopies()
        let choice = chooseDeltas()
        (plan.prefixes, plan.inflations) = (choice.prefixes, choice.inflations)
        plan.fetches = merging.fetches(of: groupByFrame(choice))
        plan.pieces = wanted
        plan.cost = Cost(of: plan, totals: totals)
        return plan
    }

    /// Gives every occurrence of a chunk the place that was found for its first one.
    private mutating func resolvePlaces() {
        for number in wanted.indices where places[number].source == LocalPlace.nowhere {
            if let first = firsts.find(wanted[number].digest, in: wanted) { places[number] = places[first] }
        }
        firsts = ChunkTable()
    }

    /// Takes what is at hand out of `wanted`: as runs, in the order of their sources, so that each is read once, forwards.
    private mutating func takeCopies() -> ([Copy], [Chunk]) {
        let number = places.reduce(0) { $1.source == LocalPlace.nowhere ? $0 : $0 + 1 }
        guard number > 0 else { return ([], []) }
        var copies: [Copy] = [], chunks: [Chunk] = [], remote: [Piece] = []
        chunks.reserveCapacity(number)
        remote.reserveCapacity(wanted.count - number)
        for (piece, place) in zip(wanted, places) {
            guard place.source != LocalPlace.nowhere else {
                remote.append(piece)
                continue
            }
            chunks.append(Chunk(digest: piece.digest, size: piece.size, frame: piece.frame, start: piece.start))
            let next = Copy(
                chunks: chunks.count - 1..<chunks.count, size: UInt64(piece.size), file: piece.file, fileOffset: piece.fileOffset,
                source: place.source, sourceOffset: place.offset)
            if copies.last?.isFollowed(by: next) == true { copies[copies.count - 1].extend(by: next) } else { copies.append(next) }
        }
        (wanted, places) = (remote, [])
        copies.sort { inOrder($0, $1) }
        return (copies, chunks)
    }

    private func inOrder(_ left: Copy, _ right: Copy) -> Bool {
        if left.source != right.source {
            let (one, other) = (sources[Int(left.source)], sources[Int(right.source)])
            if one.generation != other.generation { return (one.generation ?? 0) < (other.generation ?? 0) }
            if one.path != other.path { return one.path < other.path }
        }
        return (left.sourceOffset, left.file, left.fileOffset) < (right.sourceOffset, right.file, right.fileOffset)
    }

    /// The deltas that bring what is missing in fewer bytes than the frames of the manifest.
    private mutating func chooseDeltas() -> DeltaChoice {
        guard !deltas.isEmpty else { return DeltaChoice() }
        var costs: [Digest: Double] = [:]
        for piece in wanted {
            let frame = frames[Int(piece.frame)]
            costs[piece.digest] = Double(piece.size) * Double(frame.compressedSize) / Double(max(1, frame.plainSize))
        }
        let choice = DeltaChoice(among: deltas, costs: costs)
        deltas = []
        for number in wanted.indices {
            guard let place = choice.places[wanted[number].digest] else { continue }
            (wanted[number].delta, wanted[number].start) = (UInt32(place.delta + 1), place.start)
        }
        return choice
    }

    /// Sorts what is to be fetched by the frames that bring it; answers these, with the run of pieces that each one serves.
    private mutating func groupByFrame(_ choice: DeltaChoice) -> [WantedFrame] {
        wanted.sort { left, right in
            if left.delta != right.delta { return left.delta < right.delta }
            if left.delta == 0, left.frame != right.frame { return left.frame < right.frame }
            return (left.start, left.file, left.fileOffset) < (right.start, right.file, right.fileOffset)
        }
        var grouped: [WantedFrame] = []
        for (index, piece) in wanted.enumerated() {
            let delta = piece.delta == 0 ? nil : choice.chosen[Int(piece.delta) - 1]
            if index == 0 || !piece.sharesFrame(with: wanted[index - 1]) {
                let frame = delta?.frame ?? frames[Int(piece.frame)]
                grouped.append(
                    WantedFrame(frame: frame, pieces: index..<index, prefix: delta?.prefix, inflation: delta?.inflation))
            }
            let last = grouped.count - 1
            grouped[last].pieces = grouped[last].pieces.lowerBound..<index + 1
            if holdsModule[Int(piece.file)] { grouped[last].isUrgent = true }
        }
        return grouped
    }

    private mutating func index(of frame: Frame) -> UInt32 {
        // Chunks of one frame follow each other.
        if let last = frames.last, last == frame { return UInt32(frames.count - 1) }
        let key = FrameKey(bundle: frame.bundle, offset: frame.offset)
        if let known = frameIndex[key] { return known }
        let new = UInt32(frames.count)
        frames.append(frame)
        frameIndex[key] = new
        return new
    }
}

extension Copy {
    /// Bytes of a run at the most: short enough that several threads share a large file.
    private static let greatestSize: UInt64 = 4 << 20

    /// True where `next` goes on where this one ends, on both sides.
    fileprivate func isFollowed(by next: Copy) -> Bool {
        file == next.file && source == next.source && fileOffset + size == next.fileOffset && sourceOffset + size == next.sourceOffset
            && size + next.size <= Self.greatestSize
    }

    fileprivate mutating func extend(by next: Copy) {
        chunks = chunks.lowerBound..<next.chunks.upperBound
        size += next.size
    }
}

extension Piece {
    fileprivate func sharesFrame(with other: Piece) -> Bool { delta == other.delta && (delta != 0 || frame == other.frame) }
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
