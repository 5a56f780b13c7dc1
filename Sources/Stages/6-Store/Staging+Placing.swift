internal import SystemPackage
internal import InstarCryptography
internal import InstarDisk
internal import InstarManifest

// Paths without content.
extension Staging {
    /// Makes a symbolic link or an empty folder.
    func place(_ kind: FileEntry.Kind, at path: ReleasePath) throws(StoreError) {
        switch kind {
        case .file: return
        case .symbolicLink(let target):
            guard SymbolicLinkRule.staysInside(target, from: path) else {
                throw .hostile(.init(path.description), "is a symbolic link to \(target), out of the release")
            }
            try onDisk { () throws(DiskError) in
                let (folder, name) = try tree.place(of: path.description)
                if isResumed { try folder.removeTree(name) }
                try folder.makeSymbolicLink(name, to: target)
            }
        case .emptyDirectory: try onDisk { () throws(DiskError) in _ = try tree.folder(path.description) }
        }
        record(FileRecord(path: path.description, kind: kind, size: 0, digest: Digest(of: []), modified: 0, inode: 0))
    }
}

/// Which targets a symbolic link of a release may have: relative, and never above the release's own root on the way.
enum SymbolicLinkRule {
    static func staysInside(_ target: String, from path: ReleasePath) -> Bool {
        guard !target.isEmpty, !target.hasPrefix("/"), !target.utf8.contains(0), target.utf8.count < 4096 else { return false }
        var depth = path.description.split(separator: "/").count - 1
        for part in target.split(separator: "/") {
            if part == ".." { depth -= 1 } else if part != "." { depth += 1 }
            if depth < 0 { return false }
        }
        return true
    }
}
