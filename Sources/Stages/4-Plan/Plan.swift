package import InstarCryptography
package import InstarManifest

/// Everything an update will do, decided before anything is written: for every byte of the new release, where it
/// comes from and what that costs.
package struct Plan: Sendable {
    /// The release to build.
    package var release: ReleaseIdentity
    /// The local generation whose unchanged files are linked; nil for a first installation.
    package var base: ReleaseIdentity?
    /// Files that are not the same in `base`: each is assembled from copies and fetched pieces.
    package var files: [PlannedFile]
    /// Content that is already on this machine; re-hashed, chunk by chunk, as it is copied.
    package var copies: [Copy]
    /// The chunks of all copies, whose `frame` is an index into `frames`; `Copy.chunks` are runs of this array.
    package var copiedChunks: [Chunk]
    /// The files that copies are taken from; `Copy.source` is an index into it.
    package var sources: [LocalFile]
    /// What goes over the network.
    package var fetches: [Fetch]
    /// The pieces of all fetched frames; `Fetch.frames` refer to runs of this array.
    package var pieces: [Piece]
    /// Where the repository keeps what is copied or comes from deltas, should that fail: the `frame` of a copied chunk and of a
    /// piece is an index into it.
    package var frames: [Frame]
    /// Local content that frames of deltas are compressed with; `PlannedFrame.prefix` is a run of it.
    package var prefixes: [PrefixPart]
    /// What frames of deltas hold inflated; `PlannedFrame.inflation` is an index into it.
    package var inflations: [FrameInflation]
    package var cost = Cost()

    package init(
        release: ReleaseIdentity, base: ReleaseIdentity?, files: [PlannedFile] = [], copies: [Copy] = [], copiedChunks: [Chunk] = [],
        sources: [LocalFile] = [], fetches: [Fetch] = [], pieces: [Piece] = [], frames: [Frame] = [], prefixes: [PrefixPart] = [],
        inflations: [FrameInflation] = []
    ) {
        self.release = release
        self.base = base
        self.files = files
        self.copies = copies
        self.copiedChunks = copiedChunks
        self.sources = sources
        self.fetches = fetches
        self.pieces = pieces
        self.frames = frames
        self.prefixes = prefixes
        self.inflations = inflations
    }
}

/// A file to assemble. The plan refers to it by its index.
package struct PlannedFile: Hashable, Sendable {
    package var path: ReleasePath
    package var kind: FileEntry.Kind
    package var size: UInt64
    package var digest: Digest
    /// True where the file is one chunk, so that the verified chunk is the verified file.
    package var isSingleChunk: Bool
    /// What the ledgers of all its chunks add up to; nil where they are not known.
    package var ledger: ChunkLedger?

    package init(
        path: ReleasePath, kind: FileEntry.Kind, size: UInt64, digest: Digest, isSingleChunk: Bool, ledger: ChunkLedger? = nil
    ) {
        self.ledger = ledger
        self.path = path
        self.kind = kind
        self.size = size
        self.digest = digest
        self.isSingleChunk = isSingleChunk
    }
}

/// A file on this machine that content is copied from.
package struct LocalFile: Hashable, Sendable {
    /// Which local tree: a generation number of the store, or nil for the directory shipped with the app.
    package var generation: UInt64?
    package var path: ReleasePath

    package init(generation: UInt64?, path: ReleasePath) {
        self.generation = generation
        self.path = path
    }
}

/// Chunks that lie one after the other in a file on this machine, as they will in a file of the release.
package struct Copy: Hashable, Sendable {
    /// A run of `Plan.copiedChunks`.
    package var chunks: Range<Int>
    /// Plain bytes of all of them.
    package var size: UInt64
    /// Index into `Plan.files`.
    package var file: UInt32
    package var fileOffset: UInt64
    /// Index into `Plan.sources`.
    package var source: UInt32
    package var sourceOffset: UInt64

    package init(chunks: Range<Int>, size: UInt64, file: UInt32, fileOffset: UInt64, source: UInt32, sourceOffset: UInt64) {
        self.chunks = chunks
        self.size = size
        self.file = file
        self.fileOffset = fileOffset
        self.source = source
        self.sourceOffset = sourceOffset
    }
}

/// One ranged request: frames of one bundle that lie together, gaps that are cheaper read over included.
package struct Fetch: Hashable, Sendable {
    package var bundle: Digest
    package var range: Range<UInt64>
    package var frames: [PlannedFrame]

    package init(bundle: Digest, range: Range<UInt64>, frames: [PlannedFrame]) {
        self.bundle = bundle
        self.range = range
        self.frames = frames
    }
}

/// A frame of a fetch, and which pieces of it are wanted.
package struct PlannedFrame: Hashable, Sendable {
    package var offset: UInt64
    package var compressedSize: UInt32
    package var plainSize: UInt32
    /// A run of `Plan.pieces`.
    package var pieces: Range<Int>
    /// The run of `Plan.prefixes` that it is compressed with; nil for a frame that needs nothing else.
    package var prefix: Range<Int>?
    /// The element of `Plan.inflations` that says what of it is inflated; nil where it holds chunks as they are.
    package var inflation: Int?

    package init(
        offset: UInt64, compressedSize: UInt32, plainSize: UInt32, pieces: Range<Int>, prefix: Range<Int>? = nil, inflation: Int? = nil
    ) {
        self.offset = offset
        self.compressedSize = compressedSize
        self.plainSize = plainSize
        self.pieces = pieces
        self.prefix = prefix
        self.inflation = inflation
    }
}

/// A chunk inside a fetched frame, and one place that it goes to.
package struct Piece: Hashable, Sendable {
    package var digest: Digest
    package var size: UInt32
    /// Where it begins in the plain frame, or in what that is when it is deflated again.
    package var start: UInt32
    /// Index into `Plan.files`.
    package var file: UInt32
    package var fileOffset: UInt64
    /// Index into `Plan.frames`: the frame in which the manifest has it, where `start` is of a delta's frame.
    package var frame: UInt32
    /// Where it begins in the plain content of that frame.
    package var frameStart: UInt32
    /// Which of the deltas that the plan takes brings it, counted from 1; 0 where the manifest's frame does.
    package var delta: UInt32 = 0

    package init(
        digest: Digest, size: UInt32, start: UInt32, file: UInt32, fileOffset: UInt64, frame: UInt32 = 0, frameStart: UInt32 = 0
    ) {
        self.digest = digest
        self.size = size
        self.start = start
        self.file = file
        self.fileOffset = fileOffset
        self.frame = frame
        self.frameStart = frameStart
    }

    /// The piece that takes the place of a copied chunk.
    package init(replacing chunk: Chunk, file: UInt32, fileOffset: UInt64) {
        self.init(
            digest: chunk.digest, size: chunk.size, start: chunk.start, file: file, fileOffset: fileOffset, frame: chunk.frame,
            frameStart: chunk.start)
    }
}
