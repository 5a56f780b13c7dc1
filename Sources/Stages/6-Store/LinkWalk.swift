internal import InstarCryptography
internal import InstarDisk
internal import InstarManifest
internal import Synchronization
internal import SystemPackage

/// A walk through a release's files in path order, which puts each in place from the base generation: one look and one link
/// for each, with the folders on both sides kept open.
struct LinkWalk {
    private let inventory: Inventory
    private var source: FolderCursor
    private var target: FolderCursor
    /// Bytes that copying took from the disk.
    private let written: ByteSum
    /// The record after the last one that was found: entries and records are both in path order.
    private var next = 0

    /// True where the new tree may have the files already: an interrupted staging's, or a spare one.
    private let isResumed: Bool

    init(base: (tree: TreeFolders, inventory: Inventory), target: TreeFolders, isResumed: Bool, written: ByteSum) {
        inventory = base.inventory
        source = FolderCursor(base.tree)
        self.target = FolderCursor(target)
        self.isResumed = isResumed
        self.written = written
    }

    /// Puts the base generation's file in place and notes it; false where the base does not have it as it should be.
    mutating func take(_ entry: FileEntry, into run: inout RecordRun) throws(DiskError) -> Bool {
        let path = entry.path.description
        guard let index = inventory.index(of: path, near: next) else { return false }
        next = index + 1
        let known = inventory.facts(index)
        guard known.digest == entry.digest, known.size == entry.size else { return false }
        // The very file that the base had when it was sealed, and nobody wrote to it since: nothing is left to do.
        if isResumed, known.isKind(entry.kind), try isInPlace(known, entry) {
            run.append(fileOf: inventory, index, size: known.size)
            return true
        }
        guard let (folder, name) = try? source.place(of: path) else { return false }
        guard let status = try? folder.status(of: name), status.kind == .file, status.size == entry.size else { return false }
        let isUntouched = known.matches(status)
        // Touched or replaced: only its content says what it is now.
        guard isUntouched || Self.holds(entry, folder, name) else { return false }
        let into = try target.place(of: path).folder
        // A file that somebody put in place of ours may have another name elsewhere, and a link has one set of permissions:
        // such a file is copied.
        let isLinkable = status.inode == known.inode && status.permissions == entry.kind.permissions
        if isLinkable, try link(name, in: folder, to: into, status) {
            if isUntouched, known.isKind(entry.kind) {
                run.append(fileOf: inventory, index, size: known.size)
            } else {
                run.append(FileRecord(entry, status))
            }
            return true
        }
        guard let copy = try copyWhole(entry, from: folder, name, to: into) else { return false }
        run.append(copy)
        return true
    }

    private mutating func isInPlace(_ known: RecordFacts, _ entry: FileEntry) throws(DiskError) -> Bool {
        let (folder, name) = try target.place(of: entry.path.description)
        guard let there = try folder.status(of: name) else { return false }
        return known.matches(there) && there.permissions == entry.kind.permissions
    }

    private static func holds(_ entry: FileEntry, _ folder: Directory, _ name: LastName) -> Bool {
        guard let source = try? folder.file(name), let digest = try? source.digest() else { return false }
        return digest == entry.digest
    }

    /// False where the file system makes no link: another device, too many links, not allowed.
    private func link(_ name: LastName, in folder: Directory, to target: Directory, _ status: FileStatus) throws(DiskError) -> Bool {
        do { try folder.link(name, as: name, in: target) } catch {
            switch error.code {
            case .improperLink, .tooManyLinks, .notPermitted, .notSupported: return false
            case .fileExists: break
            default: throw error
            }
            // An interrupted staging was here: the link is made already, or something else is in its place.
            if let there = try target.status(of: name), there.inode == status.inode, there.device == status.device { return true }
            try target.removeTree(name)
            return try link(name, in: folder, to: target, status)
        }
        return true
    }

    /// A clone or a copy of a whole file, hashed as it then is; nil where that is not the entry's content.
    private func copyWhole(_ entry: FileEntry, from folder: Directory, _ name: LastName, to target: Directory) throws(DiskError)
        -> FileRecord?
    {
        try target.removeTree(name)
        guard let source = try? folder.file(name) else { return nil }
        let copy = try target.file(name, .create(permissions: 0o600))
        if try !copy.clone(source) {
            guard try copy.fill(from: source) else { return nil }
            written.add(entry.size)
        }
        guard try copy.digest() == entry.digest else {
            try target.remove(name)
            return nil
        }
        try copy.setPermissions(entry.kind.permissions)
        return FileRecord(entry, try copy.status())
    }
}

extension File {
    /// Copies all of `source` into this empty file; false where the source cannot be read.
    fileprivate func fill(from source: File) throws(DiskError) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        var offset: UInt64 = 0
        while true {
            guard let count = try? source.read(into: &buffer, at: offset) else { return false }
            try write(count == buffer.count ? buffer : Array(buffer[..<count]), at: offset)
            offset += UInt64(count)
            if count < buffer.count { return true }
        }
    }
}
