internal import InstarCryptography
internal import SwiftProtobuf
#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// A decoded and checked page of either kind.
enum AnyPage {
    case leaf(LeafPage)
    case inner([PageReference])

    /// Decodes the plain bytes of a page that stands at `height` of its tree; nil for the root, whose height it tells.
    init(decoding bytes: [UInt8], height: Int?) throws(ManifestError) {
        guard bytes.count <= PageLimits.maximumBytes else { throw .tooLarge("a page has \(bytes.count) bytes") }
        let wire: WirePage
        do { wire = try WirePage(serializedBytes: bytes) } catch { throw .damaged("a page is no protocol buffer of its schema") }
        switch wire.content {
        case .leaf(let leaf):
            guard height ?? 0 == 0 else { throw .damaged("a page of files stands where a page of pages belongs") }
            self = .leaf(try LeafPage(leaf))
        case .inner(let inner):
            guard Int(inner.height) == height ?? Int(inner.height), (1...PageLimits.maximumHeight).contains(Int(inner.height)) else {
                throw .damaged("a page of pages has height \(inner.height)")
            }
            self = .inner(try [PageReference](inner))
        case nil: throw .damaged("a page has no content")
        }
    }

    /// Its first path and whether that began in the page before, which the parent must have said.
    var beginning: (path: ReleasePath, continues: Bool) {
        switch self {
        case .leaf(let leaf): (leaf.page.files[0].path, leaf.beginsInside)
        case .inner(let references): (references[0].firstPath, references[0].continues)
        }
    }
}

extension [PageReference] {
    init(_ inner: WireInner) throws(ManifestError) {
        let digests = try inner.digests.digests("pages")
        let paths = try inner.firstPaths.decoded()
        let frames = try inner.frames.decoded()
        try requireCount(paths.count, digests.count, "first paths")
        try requireCount(frames.count, digests.count, "page frames")
        guard !digests.isEmpty else { throw .damaged("a page of pages lists nothing") }
        let continuing = Set(inner.continuing)
        self = digests.indices.map { index in
            PageReference(
                digest: digests[index], frame: frames[index], firstPath: paths[index], continues: continuing.contains(UInt32(index)),
                height: Int(inner.height) - 1)
        }
        for (page, next) in zip(self, dropFirst()) where !page.canPrecede(next) {
            throw .damaged("the page of \"\(next.firstPath)\" does not come after that of \"\(page.firstPath)\"")
        }
        for page in self where page.frame.plainSize > UInt32(PageLimits.maximumBytes) {
            throw .tooLarge("a page has \(page.frame.plainSize) bytes")
        }
    }

    /// The wire form of a page that lists these pages, all of one height.
    func encoded() -> [UInt8] {
        var inner = WireInner()
        inner.height = UInt32((first?.height ?? 0) + 1)
        inner.digests = Data(map(\.digest))
        inner.firstPaths = WirePaths(map(\.firstPath))
        inner.continuing = indices.filter { self[$0].continues }.map { UInt32($0) }
        inner.frames = WireFrames(map(\.frame))
        return WirePage.with { $0.inner = inner }.bytes
    }
}

extension PageReference {
    /// Paths grow from page to page; only pages in the middle of one file have the same first path.
    fileprivate func canPrecede(_ next: PageReference) -> Bool {
        next.continues ? firstPath <= next.firstPath : firstPath < next.firstPath
    }
}

extension PageSource {
    /// Reads, verifies and decodes a page.
    func load(_ reference: PageReference) throws(ManifestError) -> AnyPage {
        let bytes: [UInt8]?
        do { bytes = try page(reference.digest) } catch { throw .unreadablePage(reference.digest, error) }
        guard let bytes else { throw .missingPage(reference.digest) }
        guard bytes.count <= PageLimits.maximumBytes, isPage(bytes, reference.digest) else { throw .wrongPage(reference.digest) }
        let page = try AnyPage(decoding: bytes, height: reference.height)
        guard page.beginning == (reference.firstPath, reference.continues) else {
            throw .damaged("the page \(reference.digest) does not begin at \"\(reference.firstPath)\" as its parent says")
        }
        return page
    }
}
