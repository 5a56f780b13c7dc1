internal import InstarContent
internal import InstarCryptography
internal import InstarManifest

/// Stores the pages of a release, each level in bundles of its own, since a page names the bundles of those below it.
struct PageBundles: PageStorage {
    let folder: RepositoryFolder
    let level: Int
    /// Where the pages of earlier releases lie; they are not stored again.
    private(set) var known: [Digest: Frame]
    /// All pages of the release below its root.
    private(set) var pages: [Digest] = []
    /// The bytes of those that were not stored before.
    private(set) var written: [Digest: [UInt8]] = [:]
    private(set) var bytesWritten: UInt64 = 0
    private(set) var bundlesWritten = 0

    init(folder: RepositoryFolder, level: Int, known: [Digest: Frame]) {
        (self.folder, self.level, self.known) = (folder, level, known)
    }

    mutating func store(_ pages: [(digest: Digest, bytes: [UInt8])]) throws -> [Frame] {
        self.pages += pages.map(\.digest)
        var writer = BundleWriter(folder, incoming: try folder.freshIncoming())
        var encoder = try FrameEncoder(level: level)
        var new: [Digest] = []
        for page in pages where known[page.digest] == nil {
            try writer.append(try encoder.encode(page.bytes), plainSize: page.bytes.count)
            new.append(page.digest)
            written[page.digest] = page.bytes
        }
        for (digest, frame) in zip(new, try writer.finish()) { known[digest] = frame }
        bytesWritten += writer.bytesWritten
        bundlesWritten += writer.bundlesWritten
        return try pages.map { page in
            guard let frame = known[page.digest] else { throw PublishError.refused("a manifest page was not stored") }
            return frame
        }
    }
}
