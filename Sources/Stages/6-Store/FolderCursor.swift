internal import InstarDisk

/// Finds the folders of paths that come in path order.
struct FolderCursor {
    private let folders: TreeFolders
    private var cursor = PathCursor()
    private var folder: Directory?

    init(_ folders: TreeFolders) {
        self.folders = folders
    }

    /// The folder and the last name of `path`.
    mutating func place(of path: String) throws(DiskError) -> (folder: Directory, name: LastName) {
        let step = cursor.enter(path)
        let name = LastName(of: path, from: step.nameStart)
        if step.isSameFolder, let folder { return (folder, name) }
        folder = nil
        let found = step.nameStart == 0 ? folders.root : try folders.folder(step.folder(of: path))
        folder = found
        return (found, name)
    }
}
