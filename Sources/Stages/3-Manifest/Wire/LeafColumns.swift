internal import InstarCryptography
internal import SwiftProtobuf
#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// A leaf page as it travels: whole files, but for a first one that began in the page before and a last one that
/// goes on in the page after.
struct LeafPage {
    var page: Page
    var beginsInside: Bool
    var endsInside: Bool
}

extension LeafPage {
    /// Whether the file at `index` has its digest written down: not where a chunk's, or that of nothing, is the same.
    fileprivate func writesDigest(at index: Int) -> Bool {
        let file = page.files[index]
        guard case .file = file.kind, !(index == 0 && beginsInside) else { return false }
        if endsInside && index == page.files.count - 1 { return true }
        return !file.chunks.isEmpty && !file.isSingleChunk
    }

    /// The wire form.
    func encoded() -> [UInt8] {
        var leaf = WireLeaf()
        leaf.frames = WireFrames(page.frames)
        leaf.paths = WirePaths(page.files.map(\.path))
        (leaf.beginsInside, leaf.endsInside) = (beginsInside, endsInside)
        var packs = StringColumn(), fileDigests: [Digest] = [], chunks = ChunkColumns()
        for (index, file) in page.files.enumerated() {
            leaf.kinds.append(file.kind.code)
            leaf.packs.append(file.pack == FileEntry.basePack ? 0 : packs.index(of: file.pack) + 1)
            if let module = file.module { leaf.modules.append(module, file: index) }
            switch file.kind {
            case .symbolicLink(let target): leaf.targets.append(target)
            case .emptyDirectory: break
            case .file:
                leaf.chunkCounts.append(UInt32(file.chunks.count))
                if writesDigest(at: index) { fileDigests.append(file.digest) }
                chunks.append(file.chunks)
            }
        }
        leaf.packNames = packs.values
        if packs.values.isEmpty { leaf.packs = [] }
        leaf.fileDigests = Data(fileDigests)
        chunks.store(into: &leaf)
        return WirePage.with { $0.leaf = leaf }.bytes
    }
}

extension FileEntry {
    /// The pack that is always installed.
    package static let basePack = "base"
}

extension FileEntry.Kind {
    fileprivate var code: UInt32 {
        switch self {
        case .file(isExecutable: false): 0
        case .file(isExecutable: true): 1
        case .symbolicLink: 2
        case .emptyDirectory: 3
        }
    }
}

/// Strings of which few are different, each stored once.
struct StringColumn {
    var values: [String] = []

    /// The index of `value`, which is added where it is new. Pages hold few different ones, so a search suffices.
    mutating func index(of value: String) -> UInt32 {
        if let index = values.firstIndex(of: value) { return UInt32(index) }
        values.append(value)
        return UInt32(values.count - 1)
    }
}

extension WireModules {
    fileprivate mutating func append(_ module: ModuleDescription, file: Int) {
        var engines = StringColumn(values: engineNames)
        self.engines.append(engines.index(of: module.engine))
        engineNames = engines.values
        if module.needsRestart { restart.append(UInt32(files.count)) }
        files.append(UInt32(file))
        names.append(module.name)
    }
}

/// The columns of all chunks of a page.
struct ChunkColumns {
    private var digests: [Digest] = []
    private var sizes: [UInt32] = []
    private var places: [UInt32] = []
    private var starts: [UInt32] = []
    /// Frame and end of the last stored chunk.
    private var end: (frame: UInt32, start: UInt32)?

    mutating func append(_ chunks: [Chunk]) {
        for chunk in chunks {
            sizes.append(chunk.size)
            guard !chunk.isHole else {
                places.append(0)
                continue
            }
            digests.append(chunk.digest)
            if let end, end == (chunk.frame, chunk.start) {
                places.append(1)
            } else {
                places.append(2 + chunk.frame)
                starts.append(chunk.start)
            }
            end = (chunk.frame, chunk.start &+ chunk.size)
        }
    }

    func store(into leaf: inout WireLeaf) {
        leaf.chunks = .with { ($0.digests, $0.sizes, $0.places, $0.starts) = (Data(digests), sizes, places, starts) }
    }
}
