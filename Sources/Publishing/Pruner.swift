internal import InstarCryptography
internal import InstarDisk
package import InstarManifest
package import InstarTrust
internal import SystemPackage

/// Removes old releases and whatever nothing refers to any more.
package struct Pruner {
    /// What pruning removed, or would remove.
    package struct Outcome: Sendable {
        package var removed: [ReleaseIdentity] = []
        package var kept: [ReleaseIdentity] = []
        package var filesRemoved = 0
        package var bytesRemoved: UInt64 = 0
    }

    /// How many of the newest releases stay, besides those that a channel points to.
    package let keep: Int
    package let isDryRun: Bool

    package init(keep: Int, isDryRun: Bool = false) {
        // The newest stays always: its sequence number must not be used again.
        self.keep = max(1, keep)
        self.isDryRun = isDryRun
    }

    /// First the metadata stops to vouch for what goes, then the files are removed: whoever is killed in between leaves
    /// files too many, never one too few.
    package func prune(_ trust: inout RepositoryTrust, now: UTCTime) throws -> Outcome {
        let repository = try PublishedRepository(trust)
        let releases = try repository.releases()
        let inUse = Set(try repository.channelNames.compactMap { try repository.channel($0)?.release.target })
        let newest = Set(releases.suffix(keep).map(\.target.path))
        let kept = releases.filter { inUse.contains($0.target.path) || newest.contains($0.target.path) }
        let removed = releases.filter { !inUse.contains($0.target.path) && !newest.contains($0.target.path) }
        var outcome = Outcome()
        outcome.kept = kept.map { ReleaseIdentity($0.manifest, target: $0.target) }
        outcome.removed = removed.map { ReleaseIdentity($0.manifest, target: $0.target) }
        // Everything that stays is read before anything goes.
        let bundles = try PublishedBundles(of: kept.map(\.manifest), in: repository.folder)
        if !isDryRun {
            if !removed.isEmpty { try trust.publish(adding: [], removing: removed.map(\.target.path), now: now) }
            try repository.folder.removeIncoming()
        }
        let gone = Set(removed.map(\.target.path))
        let targets = Set(repository.targets.values.filter { !gone.contains($0.path) }.map(\.storedPath))
        try sweep("bundles", in: repository.folder, &outcome) { name in bundles.names.contains(name) }
        try sweep("targets", in: repository.folder, &outcome) { targets.contains($0) }
        return outcome
    }

    /// Removes the files below `name` that are not needed. Only files that have a digest for a name are touched.
    private func sweep(_ name: String, in folder: RepositoryFolder, _ outcome: inout Outcome, isNeeded: (String) -> Bool) throws {
        guard try onDisk({ () throws(DiskError) in try folder.root.status(of: name) }) != nil else { return }
        var pending = [(try folder.root.directory(name), "")]
        while let (directory, prefix) = pending.popLast() {
            for entry in try directory.entries() {
                let path = prefix + entry.name.string
                if entry.kind == .directory { pending.append((try directory.directory(entry.name), path + "/")) }
                guard entry.kind == .file, Digest(hexadecimal: entry.name.string.prefix(64)) != nil, !isNeeded(path) else { continue }
                outcome.filesRemoved += 1
                outcome.bytesRemoved += try directory.status(of: entry.name)?.size ?? 0
                if !isDryRun { try directory.remove(entry.name) }
            }
        }
    }
}

/// The bundles that releases refer to, for their content, their pages and their deltas.
private struct PublishedBundles {
    private(set) var names: Set<String> = []

    init(of releases: [Manifest], in folder: RepositoryFolder) throws {
        let pages = RepositoryPages(folder)
        var bundles: Set<Digest> = []
        for release in releases {
            for delta in release.deltas {
                bundles.formUnion([delta.index.frame.bundle] + (delta.pages.map { [$0.frame.bundle] } ?? []))
                bundles.formUnion(try pages.index(of: delta).parts.map(\.frame.bundle))
            }
            try release.visit(
                reading: pages,
                entering: { page in
                    bundles.insert(page.frame.bundle)
                    return pages.learn(page)
                }, leaf: { page in bundles.formUnion(page.frames.map(\.bundle)) })
        }
        names = Set(bundles.map { "\($0.description.prefix(2))/\($0).bundle" })
    }
}
