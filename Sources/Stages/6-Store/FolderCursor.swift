internal import InstarDisk

/// Finds the folders of paths that come in path order: as long as the folder stays the same nothing is looked up, locked or
/// copied for it.
struct FolderCursor {
    private let folders: TreeFolders
    /// The last path, and how many of its bytes are its folder's.
    private var path = ""
    private var length = 0
    private var folder: Directory?

    init(_ folders: TreeFolders) {
        self.folders = folders
    }

    /// The folder and the last name of `path`.
    mutating func place(of path: String) throws(DiskError) -> (folder: Directory, name: LastName) {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return (folders.root, LastName(of: path, from: 0)) }
        let length = path.utf8.distance(from: path.utf8.startIndex, to: slash)
        let name = LastName(of: path, from: length + 1)
        if let folder, length == self.length, path.utf8.prefix(length).elementsEqual(self.path.utf8.prefix(length)) {
            return (folder, name)
        }
        let found = try folders.folder(String(path[..<slash]))
        (self.path, self.length, folder) = (path, length, found)
        return (found, name)
    }
}
