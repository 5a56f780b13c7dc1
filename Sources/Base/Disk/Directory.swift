internal import CPlatform
#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif
package import SystemPackage

/// A directory held open by its descriptor. Everything in it is reached from there, one name at a time and never
/// through a symbolic link, so that nobody who renames or plants something meanwhile can lead a call elsewhere.
package final class Directory: Sendable {
    /// Where it was when it was opened; for messages.
    package let path: FilePath
    let descriptor: Int32

    init(owning descriptor: Int32, path: FilePath) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit { close(descriptor) }

    /// Opens the directory at `path`. Its last part may be a symbolic link only where that is asked for.
    package static func open(_ path: FilePath, followingLinks: Bool = false) throws(DiskError) -> Directory {
        let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | (followingLinks ? 0 : O_NOFOLLOW)
        let name = path.isEmpty ? "." : path.string
        return Directory(owning: try systemCall("open the folder", path) { unsafe instar_open_at(AT_FDCWD, name, flags, 0) }, path: path)
    }

    /// Opens the directory `name` in this one.
    package func directory(_ name: some FileName) throws(DiskError) -> Directory {
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
        let opened = try systemCall("open the folder", path(of: name)) {
            unsafe name.withFileName { unsafe instar_open_at(descriptor, $0, flags, 0) }
        }
        return Directory(owning: opened, path: path(of: name))
    }

    /// Opens the directory `name`, made first where there is none.
    package func directory(creating name: some FileName) throws(DiskError) -> Directory {
        do { return try directory(name) } catch {
            guard error.code == .noSuchFileOrDirectory else { throw error }
            do { try makeDirectory(name) } catch  where error.code == .fileExists {}
            return try directory(name)
        }
    }

    /// What `name` is; nil where there is nothing.
    package func status(of name: some FileName) throws(DiskError) -> FileStatus? {
        var found = instar_status()
        do {
            try systemCall("look at", path(of: name)) { unsafe name.withFileName { unsafe instar_status_at(descriptor, $0, &found) } }
        } catch {
            if error.code == .noSuchFileOrDirectory { return nil }
            throw error
        }
        return FileStatus(found)
    }

    /// What this directory itself is.
    package func status() throws(DiskError) -> FileStatus {
        var found = instar_status()
        try systemCall("look at", path) { unsafe instar_status_at(descriptor, nil, &found) }
        return FileStatus(found)
    }

    /// Makes new names, renames and removals in this directory survive a power cut.
    package func sync() throws(DiskError) {
        try systemCall("sync", path) { instar_sync_file(descriptor) }
    }

    /// Waits until everything that was written to this file system is on the disk; answers false where the platform cannot.
    package func syncFileSystem() throws(DiskError) -> Bool {
        do { try systemCall("sync", path) { instar_sync_filesystem(descriptor) } } catch {
            if error.code == .noFunction { return false }
            throw error
        }
        return true
    }

    func path(of name: some FileName) -> FilePath { path.appending(name.fileNameText) }
}
