package import InstarCryptography

/// A page as its parent names it: which bytes, where to get them, and where it stands in the path order.
package struct PageReference: Hashable, Sendable {
    /// The digest of the page's plain bytes.
    package var digest: Digest
    /// Where the repository keeps it: the page is all that the frame holds.
    package var frame: Frame
    /// The first path below it.
    package var firstPath: ReleasePath
    /// True where the file at `firstPath` began in the page before.
    package var continues: Bool
    /// 0 for a leaf, which lists files; n for a page whose pages have height n - 1.
    package var height: Int

    package init(digest: Digest, frame: Frame, firstPath: ReleasePath, continues: Bool, height: Int) {
        self.digest = digest
        self.frame = frame
        self.firstPath = firstPath
        self.continues = continues
        self.height = height
    }
}

/// What every reader of pages keeps to.
package enum PageLimits {
    /// Plain bytes of a page. Publishers cut at about 16 KB and never above 64 KB; the limit bounds what one page
    /// of a hostile manifest makes a client allocate.
    package static let maximumBytes = 128 << 10
    /// Levels above the leaves. Three already reach further than the limit of pages.
    package static let maximumHeight = 4
}
