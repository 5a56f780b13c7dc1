#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif
package import SystemPackage

/// Small files that are replaced whole: a reader, or a crash at any instant, sees the old bytes or the new.
package enum DurableFile {
    /// Replaces the file at `path` with `contents`: written beside it, synced, renamed over it, the folder synced.
    package static func replace(_ path: FilePath, with contents: [UInt8], permissions: FilePermissions = .ownerReadWriteOthersRead)
        throws(DiskError)
    {
        let folder = path.removingLastComponent()
        let temporary = folder.appending(".\(path.lastComponent?.string ?? "file").\(getpid()).\(UInt32.random(in: .min ... .max)).tmp")
        do throws(DiskError) {
            try write(contents, toNew: temporary, permissions: permissions)
            try rename(temporary, to: path)
        } catch {
            _ = unsafe temporary.withPlatformString { unsafe unlink($0) }
            throw error
        }
        try syncFolder(folder)
    }

    /// The bytes of a small file; a file of more than `limit` bytes is an error and is not read, so that a
    /// file that somebody else grew cannot exhaust memory.
    package static func read(_ path: FilePath, limit: Int) throws(DiskError) -> [UInt8] {
        let file = try attempt("open", path) { try FileDescriptor.open(path, .readOnly, options: [.closeOnExec]) }
        defer { try? file.close() }
        return try attempt("read", path) {
            var contents: [UInt8] = []
            while true {
                let room = min(max(4096, contents.count), limit + 1 - contents.count)
                guard room > 0 else { throw Errno.fileTooLarge }
                let piece = unsafe try [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
                    count = unsafe try file.read(into: UnsafeMutableRawBufferPointer(buffer))
                }
                if piece.isEmpty { return contents }
                contents += piece
            }
        }
    }

    /// Makes a rename or a new name in `folder` survive a power cut.
    package static func syncFolder(_ folder: FilePath) throws(DiskError) {
        let path = folder.isEmpty ? FilePath(".") : folder
        let descriptor = try attempt("open", path) { try FileDescriptor.open(path, .readOnly, options: [.directory, .closeOnExec]) }
        defer { try? descriptor.close() }
        guard fsync(descriptor.rawValue) == 0 else { throw DiskError("sync", path, Errno(rawValue: errno)) }
    }

    private static func write(_ contents: [UInt8], toNew path: FilePath, permissions: FilePermissions) throws(DiskError) {
        let file = try attempt("create", path) {
            try FileDescriptor.open(path, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec], permissions: permissions)
        }
        defer { try? file.close() }
        try attempt("write", path) { _ = try file.writeAll(contents) }
        guard fsync(file.rawValue) == 0 else { throw DiskError("sync", path, Errno(rawValue: errno)) }
    }

    private static func rename(_ source: FilePath, to target: FilePath) throws(DiskError) {
        let status = unsafe source.withPlatformString { source in
            unsafe target.withPlatformString { unsafe Glibc.rename(source, $0) }
        }
        guard status == 0 else { throw DiskError("rename", target, Errno(rawValue: errno)) }
    }
}

/// Runs a call of swift-system and gives its error a place.
package func attempt<Result>(_ operation: String, _ path: FilePath, _ body: () throws -> Result) throws(DiskError) -> Result {
    do { return try body() } catch let error as Errno { throw DiskError(operation, path, error) } catch {
        throw DiskError(operation, path, .invalidArgument)
    }
}

extension FilePermissions {
    /// 0644: what a published or staged data file gets.
    package static var ownerReadWriteOthersRead: FilePermissions { [.ownerReadWrite, .groupRead, .otherRead] }
}
