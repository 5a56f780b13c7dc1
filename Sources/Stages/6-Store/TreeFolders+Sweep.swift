internal import InstarDisk
internal import SystemPackage
internal import InstarThreads

extension TreeFolders {
    /// Removes everything in the tree that the release does not have.
    ///
    /// - Parameter isComplete: everything that the release has is there, so that a folder with as many names has no others.
    func sweep(keeping inventory: Inventory, isComplete: Bool, width: Int) throws(StoreError) {
        let folders = inventory.folders()
        do {
            try Workers.forEach(count: folders.count, width: width) { try self.sweep(folders[$0], keeping: inventory, isComplete) }
        } catch let error as DiskError { throw .disk(error) } catch { throw .damaged("\(error)") }
    }

    /// Removes every name in a folder of the release that is not the release's.
    private func sweep(_ known: ReleaseFolder, keeping inventory: Inventory, _ isComplete: Bool) throws(DiskError) {
        guard let folder = try present(known.path) else { return }
        let names = try folder.names()
        if isComplete, names.count == known.names { return }
        for (name, kind) in names {
            let full = known.path.isEmpty ? name : known.path + "/" + name
            if inventory.index(of: full) == nil, kind != .directory || !inventory.hasFolder(full) { try folder.removeTree(name) }
        }
    }

    /// The folder at `path`, the root where it is empty; nil where it is gone or has become something else.
    func present(_ path: String) throws(DiskError) -> Directory? {
        do { return path.isEmpty ? root : try folder(path) } catch {
            if error.isAbsence { return nil }
            throw error
        }
    }
}

extension DiskError {
    /// What opening a folder says that is gone or has become something else.
    var isAbsence: Bool { [.noSuchFileOrDirectory, .notDirectory, .tooManySymbolicLinkLevels].contains(code) }
}
