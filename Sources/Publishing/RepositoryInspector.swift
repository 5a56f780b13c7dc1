internal import InstarCryptography
package import InstarManifest
internal import InstarTrust
internal import SystemPackage

/// Looks at what a repository has published: releases, their files, and what lies between two of them.
package struct RepositoryInspector {
    private let repository: PublishedRepository
    private let pages: RepositoryPages

    package init(_ trust: borrowing RepositoryTrust) throws {
        repository = try PublishedRepository(trust)
        pages = RepositoryPages(repository.folder)
    }

    /// A release and the size of its manifest.
    package struct Release: Sendable {
        package var manifest: Manifest
        package var manifestBytes: UInt64
    }

    /// All releases, the earliest first.
    package func releases() throws -> [Release] {
        try repository.releases().map { Release(manifest: $0.manifest, manifestBytes: UInt64($0.target.length)) }
    }

    /// All channels by name.
    package func channels() throws -> [ChannelDocument] {
        try repository.channelNames.compactMap { try repository.channel($0) }
    }

    /// The newest release of a version, or the one with the sequence number behind `#`.
    package func release(_ name: String) throws -> Release {
        let found = try releases().last { release in
            let identity = release.manifest.identity
            return name.hasPrefix("#") ? "#\(identity.sequence)" == name : identity.version == name
        }
        guard let found else { throw PublishError.refused("there is no release \(name) in this repository") }
        return found
    }

    /// Calls `body` with every page of a release in path order.
    package func forEachPage(of release: Manifest, _ body: (Page) throws -> Void) throws {
        try learnPages(of: release)
        var cursor = try release.pages(from: pages)
        while let page = try cursor.next() { try body(page) }
    }

    /// Finds out where the pages of a release lie.
    private func learnPages(of release: Manifest) throws {
        try release.visit(reading: pages, entering: { pages.learn($0) }, leaf: { _ in })
    }

    /// The deltas of a release, each with its index.
    package func deltas(of release: Manifest) throws -> [(reference: DeltaReference, index: DeltaIndex)] {
        try release.deltas.map { ($0, try pages.index(of: $0)) }
    }

    /// What an update from one release to another changes and costs, by chunks alone and, where there is one, with the delta.
    package func difference(from old: Release, to new: Release) throws -> ReleaseDifference {
        var difference = ReleaseDifference(manifestBytes: new.manifestBytes)
        var have: Set<Digest> = []
        var known: Set<Digest> = []
        try old.manifest.visit(
            reading: pages,
            entering: { page in
                known.insert(page.digest)
                _ = pages.learn(page)
                return true
            }, leaf: { page in for file in page.files { have.formUnion(file.chunks.lazy.map(\.digest)) } })
        try new.manifest.visit(
            reading: pages,
            entering: { page in
                if !known.contains(page.digest) { difference.add(page: page.frame) }
                _ = pages.learn(page)
                return !known.contains(page.digest)
            }, leaf: { _ in })
        var changes = try Comparison(from: old.manifest, to: new.manifest, pages: pages)
        var changed = ChangedChunks()
        while let change = try changes.next() {
            difference.add(change, have: have)
            changed.append(change)
        }
        if let delta = new.manifest.deltas.first(where: { $0.base == old.manifest.identity.digest }) {
            try difference.add(delta, try pages.index(of: delta), changed.new)
        }
        return difference
    }
}

/// What lies between two releases.
package struct ReleaseDifference: Sendable {
    package enum Kind: String, Sendable { case added, removed, changed }

    package struct File: Sendable {
        package var kind: Kind
        package var path: ReleasePath
        /// Plain bytes in the new release; in the old one where it is removed.
        package var size: UInt64
        /// Plain bytes that the old release has nowhere.
        package var newSize: UInt64
        package var isModule: Bool
    }

    package private(set) var files: [File] = []
    /// Bytes of the new release's manifest.
    package let manifestBytes: UInt64
    /// Compressed bytes of the pages and frames that an installation of the old release lacks.
    package private(set) var pageBytes: UInt64 = 0
    package private(set) var contentBytes: UInt64 = 0
    /// The same with the delta; nil where there is none.
    package private(set) var delta: Delta?
    /// The frames of the manifest that have content which the old release lacks, and what each is needed for.
    private var frames: [Frame: Set<Digest>] = [:]

    /// Compressed bytes that an update fetches with a delta.
    package struct Delta: Sendable {
        package var indexBytes: UInt64
        /// New manifest pages.
        package var pageBytes: UInt64
        /// Frames of the delta.
        package var frameBytes: UInt64
        /// Frames of the manifest for what the delta does not bring.
        package var contentBytes: UInt64

        package var bytes: UInt64 { indexBytes + pageBytes + frameBytes + contentBytes }
    }

    init(manifestBytes: UInt64) {
        self.manifestBytes = manifestBytes
    }

    mutating func add(page: Frame) {
        pageBytes += UInt64(page.compressedSize)
    }

    mutating func add(_ reference: DeltaReference, _ index: DeltaIndex, _ new: ChangedChunks.Side) throws {
        var brought: Set<Digest> = []
        for part in index.parts {
            guard let chunks = new[part.chunks] else { throw PublishError.damagedRepository("a delta names chunks that are not there") }
            brought.formUnion(chunks.map(\.digest))
        }
        let left = frames.filter { !$0.value.isSubset(of: brought) }.keys
        delta = Delta(
            indexBytes: UInt64(reference.index.frame.compressedSize),
            pageBytes: reference.pages.map { UInt64($0.frame.compressedSize) } ?? pageBytes,
            frameBytes: index.parts.reduce(0) { $0 + UInt64($1.frame.compressedSize) },
            contentBytes: left.reduce(0) { $0 + UInt64($1.compressedSize) })
    }

    mutating func add(_ change: Change, have: Set<Digest>) {
        switch change {
        case .removed(let file):
            files.append(File(kind: .removed, path: file.file.path, size: file.file.size, newSize: 0, isModule: file.file.module != nil))
        case .added(let file): add(file, .added, have)
        case .changed(_, let file): add(file, .changed, have)
        }
    }

    private mutating func add(_ file: PlacedFile, _ kind: Kind, _ have: Set<Digest>) {
        var newSize: UInt64 = 0
        for chunk in file.file.chunks where !chunk.isHole && !have.contains(chunk.digest) {
            newSize += UInt64(chunk.size)
            let frame = file.frames[Int(chunk.frame)]
            if frames[frame] == nil { contentBytes += UInt64(frame.compressedSize) }
            frames[frame, default: []].insert(chunk.digest)
        }
        files.append(File(kind: kind, path: file.file.path, size: file.file.size, newSize: newSize, isModule: file.file.module != nil))
    }
}
