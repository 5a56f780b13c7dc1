package import InstarCryptography

/// One path of a release and everything needed to rebuild what lies there.
package struct FileEntry: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case file(isExecutable: Bool)
        /// A symbolic link; its target stays inside the release (checked when the path rules are applied).
        case symbolicLink(target: String)
        /// Listed only where it is empty: other directories follow from the paths in them.
        case emptyDirectory
    }

    package var path: ReleasePath
    package var kind: Kind
    /// Bytes; 0 for everything but files.
    package var size: UInt64
    /// The digest of the whole content; that of no bytes for everything but files.
    package var digest: Digest
    /// The optional set this file belongs to; `base` is always installed.
    package var pack: String
    /// Set where a reload engine can replace the file inside the running game.
    package var module: ModuleDescription?
    /// The content in order. Their sizes add up to `size`.
    package var chunks: [Chunk]

    package init(
        path: ReleasePath, kind: Kind, size: UInt64, digest: Digest, pack: String = "base", module: ModuleDescription? = nil,
        chunks: [Chunk]
    ) {
        self.path = path
        self.kind = kind
        self.size = size
        self.digest = digest
        self.pack = pack
        self.module = module
        self.chunks = chunks
    }
}

/// What a reload engine must know of a file that holds code.
package struct ModuleDescription: Hashable, Sendable {
    /// `python`, `lua` or `native`.
    package var engine: String
    /// The name under which the running game knows it, such as `game.actors`.
    package var name: String
    /// True where a change of this module waits for the next launch, and the whole release with it.
    package var needsRestart: Bool

    package init(engine: String, name: String, needsRestart: Bool = false) {
        self.engine = engine
        self.name = name
        self.needsRestart = needsRestart
    }
}

/// A content-defined piece of a file, and where the repository keeps it.
package struct Chunk: Hashable, Sendable {
    /// The digest of the plain content: the chunk's identity, whatever compressed it. A hole has that of no bytes.
    package var digest: Digest
    /// Plain bytes.
    package var size: UInt32
    /// Index into the frames of the page that lists the file; `hole` where nothing is stored.
    package var frame: UInt32
    /// Where the chunk begins in the plain content of that frame.
    package var start: UInt32

    package init(digest: Digest, size: UInt32, frame: UInt32, start: UInt32) {
        self.digest = digest
        self.size = size
        self.frame = frame
        self.start = start
    }

    /// The value of `frame` for a run of zero bytes, of which the repository keeps nothing.
    package static let hole = UInt32.max

    /// A run of `size` zero bytes. A file that is set to its full size before anything is written has it already.
    package init(holeOf size: UInt32) {
        self.init(digest: .ofNothing, size: size, frame: Chunk.hole, start: 0)
    }

    /// True for a run of zero bytes: nothing to fetch, nothing to write, no digest of its own to check.
    package var isHole: Bool { frame == Chunk.hole }
}

extension Digest {
    /// The digest of no bytes at all.
    package static let ofNothing = Digest(of: [])
}

extension FileEntry {
    /// True where the file is installed with these optional packs.
    package func isInstalled(with packs: Set<String>) -> Bool { FileEntry.isInstalled(pack, with: packs) }

    /// The same for a pack of which only the name is known.
    package static func isInstalled(_ pack: String, with packs: Set<String>) -> Bool { pack == basePack || packs.contains(pack) }

    /// True where the whole file is one stored chunk, so that the verified chunk is the verified file.
    package var isSingleChunk: Bool { chunks.count == 1 && !chunks[0].isHole }

    /// Whether installing `other` in place of this file would give the same tree: where the repository keeps
    /// the content does not matter.
    package func hasSameContent(as other: FileEntry) -> Bool {
        path == other.path && kind == other.kind && size == other.size && digest == other.digest && pack == other.pack
            && module == other.module
    }
}

/// One compressed unit inside a bundle: a single zstd frame that holds one or more chunks.
///
/// Small chunks that a release publishes together share a frame, which compresses better and needs fewer requests.
package struct Frame: Hashable, Sendable {
    /// The bundle's name: the digest of its bytes.
    package var bundle: Digest
    /// Where the frame begins in the bundle.
    package var offset: UInt64
    package var compressedSize: UInt32
    package var plainSize: UInt32

    package init(bundle: Digest, offset: UInt64, compressedSize: UInt32, plainSize: UInt32) {
        self.bundle = bundle
        self.offset = offset
        self.compressedSize = compressedSize
        self.plainSize = plainSize
    }
}

/// A run of files in path order, as one page of the manifest lists them.
package struct Page: Hashable, Sendable {
    package var frames: [Frame]
    package var files: [FileEntry]
    /// The pages in which the last file goes on, where its chunks there are not in `files`. Its size is that of the whole file.
    package var continuation = Continuation()

    /// Pages that list more chunks of a file.
    package struct Continuation: Hashable, Sendable {
        package var pages: [PageReference] = []
        /// How many chunks they list.
        package var chunks: UInt64 = 0
    }

    package init(frames: [Frame], files: [FileEntry]) {
        self.frames = frames
        self.files = files
    }
}

/// Where manifest pages come from: the store, a repository on disk, the network.
package protocol PageSource {
    /// The page's bytes as published, not yet verified; nil where this source does not have it.
    func page(_ digest: Digest) throws -> [UInt8]?

    /// Whether `page(_:)` would find it, without reading it. The default reads it.
    func hasPage(_ digest: Digest) throws -> Bool

    /// Whether `bytes`, which this source gave for `digest`, may be used as that page. By default they must have that digest.
    func isPage(_ bytes: [UInt8], _ digest: Digest) -> Bool
}

extension PageSource {
    package func isPage(_ bytes: [UInt8], _ digest: Digest) -> Bool { Digest(of: bytes) == digest }

    package func hasPage(_ digest: Digest) throws -> Bool { try page(digest) != nil }
}

/// Pages in memory: for tests, and for releases whose root is their only page.
extension Dictionary: PageSource where Key == Digest, Value == [UInt8] {
    package func page(_ digest: Digest) -> [UInt8]? { self[digest] }
}
