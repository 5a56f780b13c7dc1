#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif
internal import InstarDisk
internal import SystemPackage

/// The few operations on folders that the local metadata needs.
enum Folders {
    /// Makes a folder and makes its name durable; one that is there already is left as it is.
    static func make(_ path: FilePath) throws(DiskError) {
        let status = unsafe path.withPlatformString { unsafe mkdir($0, 0o755) }
        if status == 0 { return try DurableFile.syncFolder(path.removingLastComponent()) }
        guard errno == EEXIST else { throw DiskError("create", path, Errno(rawValue: errno)) }
    }

    /// Removes a file durably; none there is as well.
    static func remove(_ path: FilePath) throws(DiskError) {
        let status = unsafe path.withPlatformString { unsafe unlink($0) }
        if status == 0 { return try DurableFile.syncFolder(path.removingLastComponent()) }
        guard errno == ENOENT else { throw DiskError("remove", path, Errno(rawValue: errno)) }
    }

    /// Makes what was written to a file survive a power cut.
    static func sync(_ file: FileDescriptor, _ path: FilePath) throws(DiskError) {
        guard fsync(file.rawValue) == 0 else { throw DiskError("sync", path, Errno(rawValue: errno)) }
    }

    /// Gives a file its name, in place of whatever had it.
    static func rename(_ source: FilePath, to target: FilePath) throws(DiskError) {
        let status = unsafe source.withPlatformString { source in unsafe target.withPlatformString { unsafe Glibc.rename(source, $0) } }
        guard status == 0 else { throw DiskError("rename", target, Errno(rawValue: errno)) }
    }

    static func exists(_ path: FilePath) -> Bool {
        unsafe path.withPlatformString { unsafe access($0, F_OK) } == 0
    }

    /// The names in a folder; none if it cannot be read.
    static func names(in path: FilePath) -> [String] {
        guard let folder = unsafe path.withPlatformString({ unsafe opendir($0) }) else { return [] }
        defer { unsafe closedir(folder) }
        var names: [String] = []
        while let entry = unsafe readdir(folder) {
            names.append(
                unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                    unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
                })
        }
        return names
    }
}
