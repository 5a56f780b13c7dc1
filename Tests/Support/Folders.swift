#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif
package import SystemPackage

/// The names in a folder, sorted, without `.` and `..`.
package func folderContents(_ path: FilePath) throws -> [String] {
    guard let folder = opendir(path.string) else { throw Errno(rawValue: errno) }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
        names.append(
            withUnsafePointer(to: &entry.pointee.d_name) { $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) } })
    }
    return names.filter { $0 != "." && $0 != ".." }.sorted()
}

/// The permission bits of a file or folder.
package func permissions(_ path: FilePath) throws -> UInt32 {
    var status = stat()
    guard stat(path.string, &status) == 0 else { throw Errno(rawValue: errno) }
    return UInt32(status.st_mode) & 0o7777
}

package func setPermissions(_ path: FilePath, _ mode: UInt32) throws {
    guard chmod(path.string, mode_t(mode)) == 0 else { throw Errno(rawValue: errno) }
}

package func removeFile(_ path: FilePath) throws {
    guard unlink(path.string) == 0 else { throw Errno(rawValue: errno) }
}

/// Copies a folder and everything in it, permissions too.
package func copyTree(_ source: FilePath, _ target: FilePath) throws {
    guard try ChildProcess.run("cp", ["-a", source.string, target.string]) == .exit(0) else { throw Errno.ioError }
}

extension Int64 {
    /// The system's time in seconds since 1970.
    package static var now: Int64 { Int64(time(nil)) }
}

/// Every file below a folder with its identity, size and times of change: whatever is written shows in one of them.
package func fileStamps(_ path: FilePath) throws -> [String] {
    var stamps: [String] = []
    for name in try folderContents(path) {
        let file = path.appending(name)
        var status = stat()
        guard lstat(file.string, &status) == 0 else { throw Errno(rawValue: errno) }
        stamps.append(
            "\(file) \(status.st_ino) \(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec) \(status.st_ctim.tv_sec).\(status.st_ctim.tv_nsec)"
        )
        if status.st_mode & S_IFMT == S_IFDIR { stamps += try fileStamps(file) }
    }
    return stamps
}
