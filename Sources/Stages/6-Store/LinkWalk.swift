internal import InstarCryptography
internal import InstarDisk
internal import InstarManifest
internal import Synchronization
internal import SystemPackage

/// A file that a release has, without what building it would take.
struct WantedFile {
    let path: String
    let isExecutable: Bool
    let size: UInt64
    let digest: Digest

    var kind: FileEntry.Kind { .file(isExecutable: isExecutable) }
}

/// A walk through a release's files in path order, which puts each in place from the base generation: one look and one link
/// for each, with the folders on both sides kept open.
struct LinkWalk {
    private let inventory: Inventory
    private let folders: (source: TreeFolders, target: TreeFolders)
    /// Bytes that copying took from the disk.
    private let written: ByteSum
    /// True where the new tree may have the files already: an interrupted staging's, or a spare one.
    private let isResumed: Bool
    /// False where a file that cannot be linked is left out.
    private let mayCopy: Bool
    /// The record after the last one that was found: entries and records are both in path order.
    private var next = 0
    private var cursor = PathCursor()
    /// The folders of the last path, as far as they were needed.
    private var source: Directory?
    private var target: Directory?

    init(base: (tree: TreeFolders, inventory: Inventory), target: TreeFolders, isResumed: Bool, written: ByteSum, mayCopy: Bool = true) {
        inventory = base.inventory
        folders = (base.tree, target)
        self.isResumed = isResumed
        self.mayCopy = mayCopy
        self.written = written
    }

    /// Puts the base generation's file in place and notes it; false where the base does not have it as it should be.
    mutating func take(_ file: WantedFile, into run: inout RecordRun) throws(DiskError) -> Bool {
        guard let index = inventory.index(of: file.path, near: next) else { return false }
        next = index + 1
        let known = inventory.facts(index)
        guard known.digest == file.digest, known.size == file.size else { return false }
        let step = cursor.enter(file.path)
        if !step.isSameFolder { (source, target) = (nil, nil) }
        let name = LastName(of: file.path, from: step.nameStart)
        // The very file that the base had when it was sealed, and nobody wrote to it since: nothing is left to do.
        if isResumed, known.isKind(file.kind), try isInPlace(known, file, name, step) {
            run.append(fileOf: inventory, index, size: known.size)
            return true
        }
        guard let folder = sourceFolder(file, step) else { return false }
        guard let status = try? folder.status(of: name), status.kind == .file, status.size == file.size else { return false }
        let isUntouched = known.matches(status)
        // Touched or replaced: only its content says what it is now.
        guard isUntouched || mayCopy && Self.holds(file, folder, name) else { return false }
        let into = try targetFolder(file, step)
        // A file that somebody put in place of ours may have another name elsewhere, and a link has one set of permissions:
        // such a file is copied.
        let isLinkable = status.inode == known.inode && status.permissions == file.kind.permissions
        if isLinkable, try link(name, in: folder, to: into, status) {
            if isUntouched, known.isKind(file.kind) {
                run.append(fileOf: inventory, index, size: known.size)
            } else {
                run.append(FileRecord(file, status))
            }
            return true
        }
        guard mayCopy, let copy = try copyWhole(file, from: folder, name, to: into) else { return false }
        run.append(copy)
        return true
    }

    /// Nil where the base generation has no such folder any more.
    private mutating func sourceFolder(_ file: WantedFile, _ step: PathCursor.Step) -> Directory? {
        if let source { return source }
        source = step.nameStart == 0 ? folders.source.root : try? folders.source.folder(step.folder(of: file.path))
        return source
    }

    private mutating func targetFolder(_ file: WantedFile, _ step: PathCursor.Step) throws(DiskError) -> Directory {
        if let target { return target }
        let found = step.nameStart == 0 ? folders.target.root : try folders.target.folder(step.folder(of: file.path))
        target = found
        return found
    }

    private mutating func isInPlace(_ known: RecordFacts, _ file: WantedFile, _ name: LastName, _ step: PathCursor.Step) throws(DiskError)
        -> Bool
    {
        guard let there = try targetFolder(file, step).status(of: name) else { return false }
        return known.matches(there) && there.permissions == file.kind.permissions
    }

    private static func holds(_ file: WantedFile, _ folder: Directory, _ name: LastName) -> Bool {
        guard let source = try? folder.file(name), let digest = try? source.digest() else { return false }
        return digest == file.digest
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

    /// A clone or a copy of a whole file, hashed as it then is; nil where that is not the wanted content.
    private func copyWhole(_ file: WantedFile, from folder: Directory, _ name: LastName, to target: Directory) throws(DiskError)
        -> FileRecord?
    {
        try target.removeTree(name)
        guard let source = try? folder.file(name) else { return nil }
        let copy = try target.file(name, .create(permissions: 0o600))
        if try !copy.clone(source) {
            guard try copy.fill(from: source) else { return nil }
            written.add(file.size)
        }
        guard try copy.digest() == file.digest else {
            try target.remove(name)
            return nil
        }
        try copy.setPermissions(file.kind.permissions)
        return FileRecord(file, try copy.status())
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
