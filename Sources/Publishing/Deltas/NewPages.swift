internal import InstarContent
internal import InstarCryptography
internal import InstarManifest

/// The manifest pages that an old release does not have, compressed against those of it that are gone.
///
/// Where they are sparse, the digests of chunks that the delta's frames bring are left out of them: most of what is new in pages is
/// digests, and they do not compress.
struct NewPages {
    /// What a frame of the delta brings.
    struct Content {
        var compressedSize: Int
        /// Chunks of files that every client has.
        var digests: [Digest]
    }

    private(set) var sizes: [UInt32] = []
    private(set) var prefix: [Range<UInt32>] = []
    private(set) var plain: [UInt8] = []
    private(set) var compressed: [UInt8] = []
    private(set) var isSparse = false
    /// Compressed bytes that a client fetches less.
    private(set) var saved = 0

    /// Working out digests takes decompressing the frames twice, and all of them are fetched before the pages are known: worth it
    /// where the digests are at least this share of the frames, and these are not large.
    private static let leastShare = 0.02
    private static let largestFrames = 16 << 20

    init(of pages: PageBundles, since base: DeltaBase, reading source: RepositoryPages, besides content: [Content]) throws {
        var wanted: [[UInt8]] = []
        var size = 0, alone = 0
        let old = Set(base.pages), new = Set(pages.pages)
        for digest in pages.pages where !old.contains(digest) {
            guard let frame = pages.known[digest] else { continue }
            size += Int(frame.plainSize)
            // Those that do not fit are fetched one by one.
            guard size <= Int(FrameLimits.maximumPlainSize) else { break }
            wanted.append(try pages.written[digest] ?? source.read(frame))
            alone += Int(frame.compressedSize)
        }
        guard !wanted.isEmpty else { return }
        if size <= Int(FrameLimits.maximumPlainSize), let sparse = NewPages.sparse(wanted, besides: content) {
            (wanted, isSparse) = (sparse, true)
        }
        sizes = wanted.map { UInt32($0.count) }
        plain = wanted.flatMap { $0 }
        try compress(since: base, without: new, reading: source)
        saved = alone - compressed.count
        if saved <= 0 { self = NewPages() }
    }

    private init() {}

    private mutating func compress(since base: DeltaBase, without new: Set<Digest>, reading source: RepositoryPages) throws {
        var numbers: [UInt32] = []
        var bytes: [UInt8] = []
        for (number, digest) in base.pages.enumerated() where !new.contains(digest) {
            guard let page = try source.page(digest), bytes.count + page.count <= DeltaPacking.prefixSize else { continue }
            bytes += page
            numbers.append(UInt32(number))
        }
        var encoder = try FrameEncoder(level: 19)
        compressed = try encoder.encode(plain, prefix: bytes)
        prefix = numbers.runs
    }

    /// The pages with the digests left out that the content tells; nil where that is not worth it, or where filling them in again as a
    /// client does would not give the same pages.
    private static func sparse(_ pages: [[UInt8]], besides content: [Content]) -> [[UInt8]]? {
        var told = Set(content.flatMap(\.digests))
        let size = content.reduce(0) { $0 + $1.compressedSize }
        guard Double(told.count * Digest.byteCount) >= Double(size) * leastShare, size <= largestFrames else { return nil }
        var left: [Digest] = []
        let sparse = pages.map { page in
            guard var sparse = SparsePage(page) else { return page }
            sparse.leaveOut { digest in
                // A chunk that stands in several places is told of once.
                guard told.remove(digest) != nil else { return false }
                left.append(digest)
                return true
            }
            return sparse.bytes
        }
        var rest = left[...]
        let filled = sparse.map { bytes in
            guard var page = SparsePage(bytes) else { return bytes }
            return page.fill(from: &rest) ? page.bytes : bytes
        }
        return !left.isEmpty && filled == pages ? sparse : nil
    }
}
