internal import InstarDisk
package import InstarManifest

/// The files of a generation as sources of content: one look at each says whether it is still what staging left.
package final class GenerationFiles: Sendable {
    private let tree: TreeFolders?
    /// Nil where it is lost: then only the content of a file says what it is, and whoever copies it hashes it.
    private let inventory: Inventory?

    package init(_ store: Store, generation: UInt64) {
        inventory = try? store.inventory(of: generation)
        let folder = try? store.folder(.generations).directory(String(generation))
        tree = folder.map { TreeFolders($0, creating: false) }
    }

    /// False where somebody touched, replaced or removed the file.
    package func holds(_ path: ReleasePath) -> Bool {
        guard let tree, let place = try? tree.place(of: path.description), let status = try? place.folder.status(of: place.name) else {
            return false
        }
        guard let inventory else { return status.kind == .file }
        return inventory.index(of: path.description).map { inventory.facts($0).matches(status) } ?? false
    }
}
