internal import SystemPackage
package import InstarCryptography
internal import InstarDisk
package import InstarManifest
package import InstarPlan
internal import Synchronization

/// A release that is completely staged, verified and on the disk for good. Only sealing makes one, and adopting uses it up.
package struct StagedGeneration: ~Copyable, Sendable {
    package let release: ReleaseIdentity
    package let files: UInt64
    package let size: UInt64
    /// Bytes that staging added to the disk.
    package let written: UInt64
}

extension Staging {
    /// Ends staging: everything must be there and nothing else, and all of it is synced, with the manifest and its pages.
    ///
    /// - Parameters:
    ///   - totals: the number of files and bytes that the signed manifest names.
    ///   - pages: the manifest pages that the release came from, kept as long as the generation.
    package func seal(totals: ReleaseTotals, pages: [Digest]) throws(StoreError) -> StagedGeneration {
        let records = records.withLock { $0.sorted() }
        guard records.files == totals.files, records.size == totals.bytes else {
            throw .incomplete("it has \(records.files) files of \(totals.files) and \(records.size) bytes of \(totals.bytes)")
        }
        targets.closeAll()
        // What an interrupted staging, a spare tree or somebody else left beside the release's own paths.
        if isResumed { try tree.sweep(keeping: Inventory(release: release, sorted: records), isComplete: true, width: width) }
        let inventory = Inventory.encode(release: release, pages: pages, sorted: records)
        do {
            try onDisk { () throws(DiskError) in
                try folder.remove("inventory")
                _ = try folder.write(inventory, toNew: "inventory", permissions: 0o644)
                if try !syncFileSystem() { try store.root.syncTree() }
            }
        } catch {
            // After a failed sync nobody knows which bytes reached the disk: nothing of this staging may be used again.
            discard()
            throw error
        }
        return StagedGeneration(release: release, files: UInt64(records.starts.count), size: records.size, written: written.value)
    }

    /// As that of a directory, for everything that was staged: what the disk was asked for before must have succeeded, too.
    func syncFileSystem() throws(DiskError) -> Bool {
        try earlySync.finish()
        return try folder.syncFileSystem()
    }
}

extension Directory {
    /// Where one call for the whole file system is not to be had: every file and folder below, one by one.
    func syncTree() throws(DiskError) {
        for entry in try entries() {
            switch entry.kind {
            case .directory: try directory(entry.name).syncTree()
            case .file: try file(entry.name).sync()
            default: break
            }
        }
        try sync()
    }
}
