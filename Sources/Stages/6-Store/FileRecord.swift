package import InstarCryptography
internal import InstarDisk
package import InstarManifest

/// What staging saw of one path of a generation when it was complete.
package struct FileRecord: Hashable, Sendable {
    package var path: String
    package var kind: FileEntry.Kind
    package var size: UInt64
    package var digest: Digest
    /// Nanoseconds since 1970, as the file system had it; 0 for everything but files, as `inode`.
    package var modified: Int64
    package var inode: UInt64

    package init(path: String, kind: FileEntry.Kind, size: UInt64, digest: Digest, modified: Int64, inode: UInt64) {
        self.path = path
        self.kind = kind
        self.size = size
        self.digest = digest
        self.modified = modified
        self.inode = inode
    }

    /// A regular file of a release as it lies on the disk.
    init(_ file: WantedFile, _ status: FileStatus) {
        self.init(
            path: file.path, kind: file.kind, size: file.size, digest: file.digest, modified: status.modified, inode: status.inode)
    }
}

extension RecordFacts {
    /// True where the file is, as far as one call can tell, what staging left: nobody wrote to it since.
    func matches(_ status: FileStatus) -> Bool {
        status.kind == .file && status.size == size && status.modified == modified && status.inode == inode
    }
}

extension FileEntry.Kind {
    /// Permission bits of a staged file: nobody is invited to change it.
    var permissions: UInt16 {
        if case .file(isExecutable: true) = self { 0o555 } else { 0o444 }
    }
}
