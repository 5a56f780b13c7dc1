package import InstarCryptography
package import InstarManifest
package import InstarPlan
package import InstarStore

/// A release made of bytes in memory, as a publisher would describe it: small chunks, so that small files have several.
package struct SampleRelease: Sendable {
    /// What lies at a path.
    package enum Content: Hashable, Sendable {
        case file([UInt8])
        case program([UInt8])
        case link(String)
        case folder
    }

    package let identity: ReleaseIdentity
    package let contents: [String: Content]
    /// In path order, as manifests list them.
    package let entries: [FileEntry]
    package let totals: ReleaseTotals
    /// Stand-ins for what is published: the store does not look into them.
    package let manifest: [UInt8]
    package let page: [UInt8]
    package let pageDigest: Digest

    /// Bytes of a chunk of the samples.
    package static let chunkSize = 10_000

    /// The release's digest is that of its entries, so that the same content is the same release.
    package init(_ version: String, sequence: UInt64 = 1, _ contents: [String: Content]) throws {
        self.contents = contents
        let entries = try contents.map { try Self.entry($0.key, $0.value) }.sorted { $0.path < $1.path }
        self.entries = entries
        page = Array(entries.map { "\($0.path) \($0.kind) \($0.digest)\n" }.joined().utf8)
        pageDigest = Digest(of: page)
        manifest = Array("\(version) \(pageDigest)\n".utf8)
        identity = ReleaseIdentity(version: version, sequence: sequence, digest: Digest(of: manifest))
        let files = entries.filter { if case .file = $0.kind { true } else { false } }
        totals = ReleaseTotals(files: UInt64(files.count), bytes: files.reduce(0) { $0 + $1.size })
    }

    /// The bytes of a file of the release.
    package func bytes(of path: String) -> [UInt8] {
        switch contents[path] {
        case .file(let bytes), .program(let bytes): bytes
        default: []
        }
    }

    /// The bytes of a chunk that a repair lacks.
    package func bytes(of chunk: Repair.MissingChunk, in repair: Repair) -> [UInt8] {
        let entry = repair.entries[Int(chunk.file)]
        let start = Int(chunk.fileOffset)
        return Array(bytes(of: entry.path.description)[start..<(start + Int(entry.chunks[chunk.chunk].size))])
    }

    /// The entry at a path.
    package subscript(path: String) -> FileEntry? { entries.first { $0.path.description == path } }

    private static func entry(_ path: String, _ content: Content) throws -> FileEntry {
        let path = try ReleasePath(path)
        switch content {
        case .link(let target):
            return FileEntry(path: path, kind: .symbolicLink(target: target), size: 0, digest: Digest(of: []), chunks: [])
        case .folder: return FileEntry(path: path, kind: .emptyDirectory, size: 0, digest: Digest(of: []), chunks: [])
        case .file(let bytes): return file(path, bytes, isExecutable: false)
        case .program(let bytes): return file(path, bytes, isExecutable: true)
        }
    }

    private static func file(_ path: ReleasePath, _ bytes: [UInt8], isExecutable: Bool) -> FileEntry {
        let chunks = stride(from: 0, to: bytes.count, by: chunkSize).map { start in
            let piece = Array(bytes[start..<min(bytes.count, start + chunkSize)])
            return Chunk(digest: Digest(of: piece), size: UInt32(piece.count), frame: 0, start: UInt32(start))
        }
        return FileEntry(
            path: path, kind: .file(isExecutable: isExecutable), size: UInt64(bytes.count), digest: Digest(of: bytes), chunks: chunks)
    }
}
