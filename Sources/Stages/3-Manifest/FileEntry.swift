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
    /// The digest of the plain content: the chunk's identity, whatever compressed it.
    package var digest: Digest
    /// Plain bytes.
    package var size: UInt32
    /// Index into the frames of the page that lists the file.
    package var frame: UInt32
    /// Where the chunk begins in the plain content of that frame.
    package var start: UInt32

    package init(digest: Digest, size: UInt32, frame: UInt32, start: UInt32) {
        self.digest = digest
        self.size = size
        self.frame = frame
        self.start = start
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

    package init(frames: [Frame], files: [FileEntry]) {
        self.frames = frames
        self.files = files
    }
}

/// Where manifest pages come from: the store, a repository on disk, the network.
package protocol PageSource {
    /// The page's bytes as published, not yet verified; nil where this source does not have it.
    func page(_ digest: Digest) throws -> [UInt8]?
}
