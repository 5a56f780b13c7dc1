#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif
internal import SystemPackage

/// What is left on a file system for a user who is not the administrator.
package struct FileSystemSpace: Hashable, Sendable {
    /// Bytes.
    package var available: UInt64
    /// Files; nil where the file system makes them as needed.
    package var availableFiles: UInt64?
    /// The unit in which files take space.
    package var blockSize: UInt64
}

extension Directory {
    /// The space on the file system of this directory.
    package func space() throws(DiskError) -> FileSystemSpace {
        var found = statvfs()
        try systemCall("ask for the free space of", path) { unsafe fstatvfs(descriptor, &found) }
        let files = UInt64(found.f_files) == 0 ? nil : UInt64(found.f_favail)
        return FileSystemSpace(
            available: UInt64(found.f_bavail) * UInt64(found.f_frsize), availableFiles: files, blockSize: max(512, UInt64(found.f_frsize)))
    }
}
