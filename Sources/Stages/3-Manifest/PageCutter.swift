internal import InstarCryptography

/// Decides where pages end: content-defined, like the cutting of files, with a least and a greatest size.
///
/// A page may end behind an item with the probability (weight of the item) / (`target` - `least`), so that pages
/// have about `target` bytes whatever the items weigh. The dice is a hash of the item: its path for files and pages,
/// its digest for the chunks of large files.
struct PageCutter {
    /// Bytes. A one-file update fetches a page of each level, mostly digests, which do not compress: small pages
    /// make small updates, but more of them make inner pages larger. 16 KB is near the best at a million chunks.
    static let target = 16 << 10
    static let least = 4 << 10
    static let greatest = 64 << 10
    /// Files of more chunks than this may span pages.
    static let wholeFileChunks = 128

    private var size = 0

    /// A new page begins.
    mutating func beginPage() { size = 0 }

    /// Adds what a file weighs without its chunks.
    mutating func addHeader(of file: FileEntry) {
        size += PageCutter.headerWeight(of: file)
    }

    /// Adds a file's chunks; whether the page ends behind the file.
    mutating func cutsAfter(_ file: FileEntry) -> Bool {
        size += file.chunks.count * PageCutter.chunkWeight
        return cuts(weight: PageCutter.headerWeight(of: file) + file.chunks.count * PageCutter.chunkWeight, dice: file.path.dice)
    }

    /// Adds a chunk of a large file; whether the page ends behind it.
    mutating func cutsAfter(_ chunk: Chunk) -> Bool {
        size += PageCutter.chunkWeight
        return cuts(weight: PageCutter.chunkWeight, dice: chunk.digest.prefix)
    }

    /// Whether the page ends behind a large file, whose chunks are already added.
    func cutsAfterEnd(of file: FileEntry) -> Bool {
        cuts(weight: PageCutter.headerWeight(of: file), dice: file.path.dice)
    }

    private func cuts(weight: Int, dice: UInt64) -> Bool {
        if size < PageCutter.least { return false }
        return size >= PageCutter.greatest || dice % UInt64(PageCutter.target - PageCutter.least) < UInt64(weight)
    }

    private static let chunkWeight = 36

    private static func headerWeight(of file: FileEntry) -> Int {
        12 + (file.path.description.utf8.count + 1) / 2 + (file.chunks.count > 1 ? Digest.byteCount : 0)
    }

    /// The pages that list `references`, cut by the same rule.
    static func innerPages(of references: [PageReference]) -> [(bytes: [UInt8], firstPath: ReleasePath, continues: Bool)] {
        var cutter = PageCutter()
        var pages: [(bytes: [UInt8], firstPath: ReleasePath, continues: Bool)] = []
        var run: [PageReference] = []
        for reference in references {
            let weight = 48 + (reference.firstPath.description.utf8.count + 1) / 2
            run.append(reference)
            cutter.size += weight
            let dice = reference.continues ? reference.digest.prefix : reference.firstPath.dice
            guard cutter.cuts(weight: weight, dice: dice) else { continue }
            pages.append((run.encoded(), run[0].firstPath, run[0].continues))
            run = []
            cutter.beginPage()
        }
        if !run.isEmpty { pages.append((run.encoded(), run[0].firstPath, run[0].continues)) }
        return pages
    }
}

extension ReleasePath {
    /// An evenly distributed number of the path's bytes: FNV-1a, finished by the mixer of SplitMix64.
    fileprivate var dice: UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in description.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        hash = (hash ^ (hash >> 30)) &* 0xBF58_476D_1CE4_E5B9
        hash = (hash ^ (hash >> 27)) &* 0x94D0_49BB_1331_11EB
        return hash ^ (hash >> 31)
    }
}
