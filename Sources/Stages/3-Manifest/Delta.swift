package import InstarCryptography

/// Where the difference from one earlier release lies.
package struct DeltaReference: Hashable, Sendable {
    /// Something in a frame of its own, named by the digest of its plain bytes.
    package struct Part: Hashable, Sendable {
        package var digest: Digest
        package var frame: Frame

        package init(digest: Digest, frame: Frame) {
            self.digest = digest
            self.frame = frame
        }
    }

    /// The digest of the earlier release's manifest.
    package var base: Digest
    /// An encoded `DeltaIndex`.
    package var index: Part
    /// The pages that the earlier release does not have, compressed against those of it that are gone.
    package var pages: Part?

    package init(base: Digest, index: Part, pages: Part?) {
        self.base = base
        self.index = index
        self.pages = pages
    }
}

/// What the difference from one earlier release brings: frames that are compressed with old content as their prefix.
///
/// A delta brings whole chunks, which are verified like any other; so it may be wrong, missing or useless without harm.
/// Ordinal numbers are those of `ChangedChunks` for chunks and of `Manifest.pageDigests` for pages.
package struct DeltaIndex: Hashable, Sendable {
    /// Some chunks of the release, one after the other in one frame.
    package struct Part: Hashable, Sendable {
        package var frame: Frame
        /// Ordinal numbers of the chunks in it.
        package var chunks: [Range<UInt32>]
        /// Ordinal numbers of the base's chunks that, one after the other, are the prefix.
        package var prefix: [Range<UInt32>]
        /// What of both is inflated, if anything.
        package var inflation: DeltaInflation?

        package init(frame: Frame, chunks: [Range<UInt32>], prefix: [Range<UInt32>], inflation: DeltaInflation? = nil) {
            self.frame = frame
            self.chunks = chunks
            self.prefix = prefix
            self.inflation = inflation
        }
    }

    /// Plain bytes of the pages that lie one after the other in the frame of pages.
    package var pageSizes: [UInt32]
    /// Ordinal numbers of the base's pages that are that frame's prefix.
    package var pagePrefix: [Range<UInt32>]
    package var parts: [Part]
    /// The digest of each part's compressed frame where the pages are sparse, so that these frames are fetched before the pages
    /// are known; empty where the pages are whole.
    package var frameDigests: [Digest]
    /// What the streams of all parts are deflated with.
    package var deflaters: [DeltaDeflater]

    package init(
        pageSizes: [UInt32] = [], pagePrefix: [Range<UInt32>] = [], parts: [Part] = [], frameDigests: [Digest] = [],
        deflaters: [DeltaDeflater] = []
    ) {
        self.pageSizes = pageSizes
        self.pagePrefix = pagePrefix
        self.parts = parts
        self.frameDigests = frameDigests
        self.deflaters = deflaters
    }
}

/// What every reader of deltas keeps to.
package enum DeltaLimits {
    /// Releases from which one release has deltas. Stops a manifest that is nothing but references.
    package static let maximumBases = 64
    /// Plain bytes of an index. An honest one has some kilobytes; stops one that exhausts memory.
    package static let maximumIndexBytes = 1 << 20
    /// Chunks that an index names, those of all frames and all prefixes. Stops an index that names the same ones over and over.
    package static let maximumChunks = 1 << 20
    /// Runs of all frames of an index. Stops an index of empty lists that costs time alone.
    package static let maximumRuns = 1 << 18
    /// Deflaters of an index, of which honest tools need a handful. Stops one that makes a client try many before it plans.
    package static let maximumDeflaters = 32
}

/// The chunks that comparing two releases comes upon, in that order: what the ordinal numbers of a delta mean.
package struct ChangedChunks: Sendable {
    /// A chunk at one place of one file.
    package struct Occurrence: Hashable, Sendable {
        package var digest: Digest
        package var size: UInt32
        /// Index into the files of the same side.
        package var file: UInt32
        /// Where it begins in the file.
        package var offset: UInt64
    }

    package struct File: Hashable, Sendable {
        package var path: ReleasePath
        package var pack: String
    }

    /// One of the two releases.
    package struct Side: Sendable {
        package private(set) var files: [File] = []
        package private(set) var chunks: [Occurrence] = []

        package mutating func append(_ entry: FileEntry) {
            let file = UInt32(files.count)
            files.append(File(path: entry.path, pack: entry.pack))
            var offset: UInt64 = 0
            for chunk in entry.chunks {
                if !chunk.isHole { chunks.append(Occurrence(digest: chunk.digest, size: chunk.size, file: file, offset: offset)) }
                offset += UInt64(chunk.size)
            }
        }

        /// The occurrences that runs of ordinal numbers name; nil where one does not exist.
        package subscript(runs: [Range<UInt32>]) -> [Occurrence]? {
            guard runs.allSatisfy({ Int($0.upperBound) <= chunks.count }) else { return nil }
            return runs.flatMap { chunks[Int($0.lowerBound)..<Int($0.upperBound)] }
        }
    }

    /// The chunks of files that are gone or replaced.
    package private(set) var old = Side()
    /// The chunks of files that are added or replace others.
    package private(set) var new = Side()

    package init() {}

    /// Whether no file was added, removed or changed.
    package var isEmpty: Bool { old.files.isEmpty && new.files.isEmpty }

    package mutating func append(_ change: Change) {
        switch change {
        case .removed(let file): old.append(file.file)
        case .added(let file): new.append(file.file)
        case .changed(let from, let to):
            old.append(from.file)
            new.append(to.file)
        }
    }
}
