internal import InstarContent
internal import InstarCryptography
internal import InstarManifest

/// All content that the published releases refer to, by digest: what a new release need not store again.
struct ContentIndex {
    /// Where a chunk lies.
    struct Place {
        /// Index into `frames`.
        var frame: UInt32
        var start: UInt32
    }

    private(set) var frames: [Frame] = []
    private var numbers: [Frame: UInt32] = [:]
    private var places: [Digest: Place] = [:]
    /// Where each manifest page lies.
    private(set) var pages: [Digest: Frame] = [:]

    /// Reads the pages of all `releases`, each page once, however many releases share it. Where content lies in several
    /// places, the latest release decides, so that its pages keep their bytes.
    init(releases: [Manifest], reading pages: RepositoryPages) throws {
        for release in releases.sorted(by: { $0.identity.sequence > $1.identity.sequence }) {
            try release.visit(reading: pages, entering: { pages.learn($0) }, leaf: { page in add(page) })
        }
        self.pages = pages.known
    }

    private mutating func add(_ page: Page) {
        let numbers = page.frames.map { number(of: $0) }
        for file in page.files {
            for chunk in file.chunks where !chunk.isHole && places[chunk.digest] == nil {
                places[chunk.digest] = Place(frame: numbers[Int(chunk.frame)], start: chunk.start)
            }
        }
    }

    private mutating func number(of frame: Frame) -> UInt32 {
        if let number = numbers[frame] { return number }
        let number = UInt32(frames.count)
        frames.append(frame)
        numbers[frame] = number
        return number
    }

    /// Where the chunk lies; nil where no release has it.
    subscript(digest: Digest) -> Place? { places[digest] }

    /// Reserves the place of a chunk in a frame that is still to be written, numbered from `frames.count` on.
    mutating func insert(_ digest: Digest, at place: Place) { places[digest] = place }

    /// Adds the frames that were reserved, in their order.
    mutating func append(frames new: [Frame]) {
        for frame in new { _ = number(of: frame) }
    }

    /// Of a frame that is used less than this part, a fresh installation fetches mostly what it does not need.
    private static let sparseShare: UInt64 = 2
    /// Compressed bytes from which on that matters.
    private static let smallestSparse: UInt32 = 32 << 10

    /// Forgets where content lies that is all that is left in use of its frames: the content is stored anew, together, for at
    /// most the bytes that each fresh installation saves. Whoever has it does not fetch it again.
    ///
    /// - Returns: what is forgotten.
    mutating func leaveSparseFrames(neededBy cuts: [CutFile?]) -> Set<Digest> {
        var used = [UInt64](repeating: 0, count: frames.count)
        var needed: [Digest: Place] = [:]
        for piece in cuts.lazy.compactMap({ $0?.pieces }).joined() where !piece.isZero {
            guard let place = places[piece.digest], needed.updateValue(place, forKey: piece.digest) == nil else { continue }
            used[Int(place.frame)] += UInt64(piece.size)
        }
        let isSparse = zip(frames, used).map { frame, used in
            frame.compressedSize >= ContentIndex.smallestSparse && used * ContentIndex.sparseShare < UInt64(frame.plainSize)
        }
        let left = Set(needed.lazy.filter { isSparse[Int($0.value.frame)] }.map(\.key))
        for digest in left { places[digest] = nil }
        return left
    }
}
