package import InstarContent
internal import InstarDisk
internal import InstarManifest
internal import InstarThreads
package import SystemPackage

// The directory shipped with the app as a source of content.
extension Store {
    /// How the files of a directory outside the store are cut, so that a plan knows which chunks they hold. What the last
    /// call found is kept in the store's file `shipped`: only files that changed since are read. Symbolic links, what has
    /// a name that no release may have, and what cannot be read are no sources.
    ///
    /// - Parameter average: the average size of a chunk with which the release was cut.
    package func index(ofShipped path: FilePath, average: Int, holding lock: borrowing WriterLock) throws(StoreError) -> CutIndex {
        guard let root = try? Directory.open(path, followingLinks: true) else { return CutIndex(average: average) }
        let kept = try? self.root.contents(of: Self.shippedIndexName, limit: StoreLimits.inventoryBytes)
        let known = kept.flatMap { CutIndex(decoding: $0, average: average) } ?? CutIndex(average: average)
        var tree = ShippedTree()
        tree.list(root, prefix: "", depth: 0)
        let index: CutIndex
        do { index = try tree.cut(Cutting(average: average), known: known) } catch { throw .damaged("\(error)") }
        // A cache: where it cannot be kept, the next plan takes longer.
        if index != known { try? self.root.replace(Self.shippedIndexName, with: index.encoded()) }
        return index
    }

    private static let shippedIndexName = "shipped"
}

/// The regular files of a directory.
private struct ShippedTree {
    private struct Item {
        var path: String
        var folder: Directory
        var name: FilePath.Component
        var stamp: FileStamp
    }

    private var files: [Item] = []

    mutating func list(_ folder: Directory, prefix: String, depth: Int) {
        guard depth < StoreLimits.depth, let entries = try? folder.entries() else { return }
        for entry in entries {
            let path = prefix + entry.name.string
            switch entry.kind {
            case .directory:
                if let below = try? folder.directory(entry.name) { list(below, prefix: path + "/", depth: depth + 1) }
            case .file:
                guard let status = try? folder.status(of: entry.name), status.kind == .file, (try? ReleasePath(path)) != nil else {
                    continue
                }
                files.append(Item(path: path, folder: folder, name: entry.name, stamp: FileStamp(ofShipped: status)))
            case .symbolicLink, .other: break
            }
        }
    }

    /// The index of these files and no others; what `known` has of them is not read.
    func cut(_ cutting: Cutting, known: CutIndex) throws -> CutIndex {
        var index = CutIndex(average: cutting.average)
        let unknown = files.filter { known.cut(of: $0.path, $0.stamp) == nil }
        for file in files {
            if let cut = known.cut(of: file.path, file.stamp) { index.insert(cut, of: file.path, file.stamp) }
        }
        // Few threads, since each has buffers and a client's memory is for its game.
        let cuts = try unsafe cutting.cutAll(unknown.map(\.stamp.size), width: min(4, Workers.processorCount)) { number in
            let file = try? unknown[number].folder.file(unknown[number].name)
            return { buffer, offset in (try? unsafe file?.read(into: buffer, at: offset)) ?? 0 }
        }
        for (file, cut) in zip(unknown, cuts) where cut.size == file.stamp.size { index.insert(cut, of: file.path, file.stamp) }
        return index
    }
}

extension FileStamp {
    /// Size and time, as installers and file copies keep them; the content is hashed again when it is used.
    fileprivate init(ofShipped status: FileStatus) {
        self.init(size: status.size, modified: status.modified, changed: 0, device: status.device, inode: status.inode)
    }
}
