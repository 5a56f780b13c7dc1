internal import SystemPackage
internal import InstarCryptography
internal import InstarDisk
package import InstarManifest
internal import InstarThreads
internal import Synchronization

// Entries that need no new content.
extension Staging {
    /// Puts unchanged entries in place: files as hard links to the base generation's (as clones or copies where links cannot
    /// be), symbolic links and empty folders as they are. Entries in path order go fastest.
    ///
    /// Answers those files that the base generation does not hold as it should; the caller gets their content anew.
    package func link(_ entries: [FileEntry]) throws(StoreError) -> [FileEntry] {
        let runLength = max(64, entries.count / (width * 4) + 1)
        let runs = (entries.count + runLength - 1) / runLength
        let refused = Mutex<[FileEntry]>([])
        do {
            try Workers.forEach(count: runs, width: width) { run in
                let slice = entries[(run * runLength)..<min(entries.count, (run + 1) * runLength)]
                let (taken, missed) = try linkRun(slice)
                records.withLock { $0 += taken }
                refused.withLock { $0 += missed }
            }
        } catch let error as StoreError { throw error } catch let error as DiskError { throw .disk(error) } catch {
            throw .damaged("\(error)")
        }
        return refused.withLock { $0 }
    }

    /// One entry; false where its content has to be got anew.
    package func link(_ entry: FileEntry) throws(StoreError) -> Bool { try link([entry]).isEmpty }

    private func linkRun(_ entries: ArraySlice<FileEntry>) throws(StoreError) -> (taken: [FileRecord], missed: [FileEntry]) {
        var taken: [FileRecord] = []
        var missed: [FileEntry] = []
        taken.reserveCapacity(entries.count)
        for entry in entries {
            guard case .file = entry.kind else {
                try place(entry.kind, at: entry.path)
                continue
            }
            if let record = try linkFile(entry) { taken.append(record) } else { missed.append(entry) }
        }
        return (taken, missed)
    }

    private func linkFile(_ entry: FileEntry) throws(StoreError) -> FileRecord? {
        guard let base, let known = base.inventory.record(of: entry.path.description) else { return nil }
        guard known.digest == entry.digest, known.size == entry.size else { return nil }
        guard let (folder, name) = try? base.tree.place(of: entry.path.description) else { return nil }
        return try onDisk { () throws(DiskError) in
            guard let status = try? folder.status(of: name), status.kind == .file, status.size == entry.size else { return nil }
            var isSound = known.matches(status)
            if !isSound {
                // Touched or replaced: only its content says what it is now.
                guard let source = try? folder.file(name), let digest = try? source.digest(), digest == entry.digest else { return nil }
                isSound = status.inode == known.inode
            }
            // A file that somebody put in place of ours may have another name elsewhere, and a link has one set of permissions:
            // such a file is copied.
            let isLinkable = isSound && status.permissions == entry.kind.permissions
            return try put(entry, from: folder, name, status, linking: isLinkable)
        }
    }

    private func put(_ entry: FileEntry, from folder: Directory, _ name: String, _ status: FileStatus, linking: Bool) throws(DiskError)
        -> FileRecord?
    {
        let target = try tree.place(of: entry.path.description).folder
        if linking, try link(name, in: folder, to: target, status) {
            return FileRecord(
                path: entry.path.description, kind: entry.kind, size: entry.size, digest: entry.digest, modified: status.modified,
                inode: status.inode)
        }
        return try copyWhole(entry, from: folder, name, to: target)
    }

    /// False where the file system makes no link: another device, too many links, not allowed.
    private func link(_ name: String, in folder: Directory, to target: Directory, _ status: FileStatus) throws(DiskError) -> Bool {
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
    private func copyWhole(_ entry: FileEntry, from folder: Directory, _ name: String, to target: Directory) throws(DiskError)
        -> FileRecord?
    {
        try target.removeTree(name)
        guard let source = try? folder.file(name) else { return nil }
        let copy = try target.file(name, .create(permissions: 0o600))
        if try !copy.clone(source) {
            guard try copy.fill(from: source) else { return nil }
            written.add(entry.size, ordering: .relaxed)
        }
        guard try copy.digest() == entry.digest else {
            try target.remove(name)
            return nil
        }
        try copy.setPermissions(entry.kind.permissions)
        let status = try copy.status()
        return FileRecord(
            path: entry.path.description, kind: entry.kind, size: entry.size, digest: entry.digest, modified: status.modified,
            inode: status.inode)
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
