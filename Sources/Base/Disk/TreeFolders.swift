internal import Synchronization
internal import SystemPackage

/// The folders of one tree, opened once and reached by their path inside it. No part of a path may be a symbolic link.
///
/// Whoever works in path order finds nearly every folder open.
package final class TreeFolders: Sendable {
    package let root: Directory
    /// True where missing folders are made and other things in their place are removed: a tree in the making.
    private let isCreating: Bool
    private let clear: Clearing
    private let opened = Mutex<[String: Directory]>([:])

    /// Folders kept open: far below any limit of descriptors, far above what a run of sorted paths needs.
    private static let capacity = 96

    /// Gets a name out of the way that a folder has to have.
    package typealias Clearing = @Sendable (_ name: String, _ folder: Directory) throws(DiskError) -> Void

    /// - Parameter clearing: what becomes of something else in the place of a folder; where none is given, it is removed.
    package init(
        _ root: Directory, creating: Bool,
        clearing: @escaping Clearing = { (name, folder) throws(DiskError) in _ = try folder.remove(name) }
    ) {
        self.root = root
        isCreating = creating
        clear = clearing
    }

    /// The folder and the last name of `path`.
    package func place(of path: String) throws(DiskError) -> (folder: Directory, name: String) {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return (root, path) }
        return (try folder(String(path[..<slash])), String(path[path.utf8.index(after: slash)...]))
    }

    /// The folder at `path`.
    package func folder(_ path: String) throws(DiskError) -> Directory {
        if let known = opened.withLock({ $0[path] }) { return known }
        let (parent, name) = try place(of: path)
        let folder = isCreating ? try create(name, in: parent) : try parent.directory(name)
        opened.withLock { opened in
            if opened.count >= Self.capacity { opened.removeAll() }
            opened[path] = folder
        }
        return folder
    }

    private func create(_ name: String, in parent: Directory) throws(DiskError) -> Directory {
        do { return try parent.directory(creating: name) } catch {
            guard error.code == .notDirectory || error.code == .tooManySymbolicLinkLevels else { throw error }
        }
        // A file or a link is where the release has a folder: somebody else put it into the staging folder.
        try clear(name, parent)
        return try parent.directory(creating: name)
    }
}
