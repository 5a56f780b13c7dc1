import InstarCryptography
import InstarManifest

/// Releases in memory: files with made-up chunks, and the pages that describe them.
struct ManifestFixture {
    /// All pages that were ever stored, as a repository would keep them.
    struct Pages: PageSource, PageStorage {
        var pages: [Digest: [UInt8]] = [:]
        private(set) var frames: [Digest: Frame] = [:]
        private(set) var reads = Counter()

        mutating func store(_ new: [(digest: Digest, bytes: [UInt8])]) -> [Frame] {
            let bundle = Digest(of: new.flatMap(\.digest.bytes))
            var end: UInt64 = 16
            return new.map { page in
                if let frame = frames[page.digest] { return frame }
                let frame = Frame(
                    bundle: bundle, offset: end, compressedSize: UInt32(page.bytes.count), plainSize: UInt32(page.bytes.count))
                end += UInt64(page.bytes.count)
                pages[page.digest] = page.bytes
                frames[page.digest] = frame
                return frame
            }
        }

        func page(_ digest: Digest) -> [UInt8]? {
            reads.value += 1
            return pages[digest]
        }

        func hasPage(_ digest: Digest) -> Bool { pages[digest] != nil }
    }

    final class Counter {
        var value = 0
    }

    static let bundle = Digest(of: Array("bundle".utf8))

    /// A file whose chunks are named by `seed`, so that another seed is other content.
    static func file(_ path: String, seed: String = "", chunkCount: Int = 1, module: ModuleDescription? = nil) throws -> FileEntry {
        let chunks = (0..<chunkCount).map { (index: Int) -> Chunk in
            let name = Array("\(path) \(seed) \(index)".utf8)
            return Chunk(digest: Digest(of: name), size: UInt32(100 + index % 50), frame: 0, start: UInt32(index % 1000 * 200))
        }
        var entry = FileEntry(
            path: try ReleasePath(path), kind: .file(isExecutable: false), size: chunks.reduce(0) { $0 + UInt64($1.size) },
            digest: .ofNothing,
            module: module, chunks: chunks)
        if entry.isSingleChunk {
            entry.digest = chunks[0].digest
        } else if chunkCount > 0 {
            entry.digest = Digest(of: Array("\(path) \(seed)".utf8))
        }
        return entry
    }

    static let frames = [Frame(bundle: bundle, offset: 16, compressedSize: 200_000, plainSize: 500_000)]

    static func manifest(of files: [FileEntry], into pages: inout Pages, sequence: UInt64 = 1) throws -> Manifest {
        var writer = PageWriter()
        for file in files.sorted(by: { $0.path < $1.path }) { writer.append(file, frames: frames) }
        let (root, totals) = try writer.finish(storing: &pages)
        return Manifest(
            version: "1.\(sequence)", sequence: sequence, entry: .module("game"), hooks: .init(), packs: [], requirements: [],
            totals: totals,
            root: root)
    }

    static func files(of manifest: Manifest, from pages: some PageSource) throws -> [FileEntry] {
        var cursor = try manifest.pages(from: pages)
        var files: [FileEntry] = []
        while let page = try cursor.next() {
            files += page.files.map { file in
                // Pages number their frames themselves: back to the numbers of `frames`.
                var file = file
                for index in file.chunks.indices where !file.chunks[index].isHole {
                    let frame = page.frames[Int(file.chunks[index].frame)]
                    file.chunks[index].frame = frames.firstIndex(of: frame).map { UInt32($0) } ?? 1_000_000
                }
                return file
            }
        }
        return files
    }

    static func changes(from old: Manifest?, to new: Manifest, pages: some PageSource) throws -> [String] {
        var comparison = try Comparison(from: old, to: new, pages: pages)
        var changes: [String] = []
        while let change = try comparison.next() {
            switch change {
            case .added(let file): changes.append("+\(file.file.path)")
            case .removed(let file): changes.append("-\(file.file.path)")
            case .changed(_, let file): changes.append("~\(file.file.path)")
            }
        }
        return changes
    }
}
