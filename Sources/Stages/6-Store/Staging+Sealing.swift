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
        let records = records.withLock { $0 }
        let files = records.count { if case .file = $0.kind { true } else { false } }
        let size = records.reduce(0) { $0 + $1.size }
        guard UInt64(files) == totals.files, size == totals.bytes else {
            throw .incomplete("it has \(files) files of \(totals.files) and \(size) bytes of \(totals.bytes)")
        }
        targets.closeAll()
        if isResumed { try sweep(keeping: Set(records.map(\.path))) }
        let inventory = Inventory.encode(release: release, pages: pages, records: records)
        do {
            try onDisk { () throws(DiskError) in
                try folder.remove("inventory")
                _ = try folder.write(inventory, toNew: "inventory", permissions: 0o644)
                if try !folder.syncFileSystem() { try store.root.syncTree() }
            }
        } catch {
            // After a failed sync nobody knows which bytes reached the disk: nothing of this staging may be used again.
            discard()
            throw error
        }
        return StagedGeneration(release: release, files: UInt64(records.count), size: size, written: written.load(ordering: .relaxed))
    }

    /// Removes what an interrupted staging, or somebody else, left beside the release's own paths.
    private func sweep(keeping paths: Set<String>) throws(StoreError) {
        var folders: Set<String> = []
        for path in paths {
            var end = path.utf8.endIndex
            while let slash = path.utf8[..<end].lastIndex(of: UInt8(ascii: "/")) {
                guard folders.insert(String(path[..<slash])).inserted else { break }
                end = slash
            }
        }
        let root = try onDisk { () throws(DiskError) in try folder.directory("tree") }
        try onDisk { () throws(DiskError) in try root.sweep("", paths, folders) }
    }
}

extension Directory {
    fileprivate func sweep(_ prefix: String, _ paths: Set<String>, _ folders: Set<String>) throws(DiskError) {
        for entry in try entries() {
            let path = prefix + entry.name.string
            if entry.kind == .directory, folders.contains(path) {
                try directory(entry.name).sweep(path + "/", paths, folders)
            } else if !paths.contains(path) {
                try removeTree(entry.name)
            }
        }
    }

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
