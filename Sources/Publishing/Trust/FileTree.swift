#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif
internal import InstarDisk
internal import SystemPackage

/// The few operations on folders that signing needs.
enum FileTree {
    /// Makes a folder; one that is there already is left as it is.
    static func makeFolder(_ path: FilePath, permissions: FilePermissions) throws(TrustPublishingError) {
        let status = unsafe path.withPlatformString { unsafe mkdir($0, permissions.rawValue) }
        guard status == 0 || errno == EEXIST else { throw .disk(DiskError("create", path, Errno(rawValue: errno))) }
    }

    /// The names in a folder in byte order, without `.` and `..`; none if there is no folder.
    static func names(in path: FilePath) throws(TrustPublishingError) -> [String] {
        guard let folder = unsafe path.withPlatformString({ unsafe opendir($0) }) else {
            if errno == ENOENT { return [] }
            throw .disk(DiskError("open", path, Errno(rawValue: errno)))
        }
        defer { unsafe closedir(folder) }
        var names: [String] = []
        while let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Whether only its owner may read or write a file.
    static func isPrivate(_ path: FilePath) throws(TrustPublishingError) -> Bool {
        var status = stat()
        guard unsafe path.withPlatformString({ unsafe stat($0, &status) }) == 0 else {
            throw .disk(DiskError("look at", path, Errno(rawValue: errno)))
        }
        return status.st_mode & 0o077 == 0
    }

    /// Removes a file durably; none there is as well.
    static func remove(_ path: FilePath) throws(TrustPublishingError) {
        guard unsafe path.withPlatformString({ unsafe unlink($0) }) == 0 || errno == ENOENT else {
            throw .disk(DiskError("remove", path, Errno(rawValue: errno)))
        }
        do throws(DiskError) { try DurableFile.syncFolder(path.removingLastComponent()) } catch {
            guard error.code == .noSuchFileOrDirectory else { throw .disk(error) }
        }
    }

    static func exists(_ path: FilePath) -> Bool {
        unsafe path.withPlatformString { unsafe access($0, F_OK) } == 0
    }
}
