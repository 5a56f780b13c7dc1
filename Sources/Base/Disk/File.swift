internal import CPlatform
#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif
package import SystemPackage

/// A regular file held open. Reading and writing name their offset, so any number of threads may do so at once.
package final class File: Sendable {
    package enum Access: Sendable {
        case read
        case readWrite
        /// A new file; a name that exists is an error.
        case create(permissions: UInt16)
    }

    let descriptor: Int32
    private let folder: FilePath
    private let name: String

    fileprivate init(owning descriptor: Int32, folder: FilePath, name: String) {
        self.descriptor = descriptor
        self.folder = folder
        self.name = name
    }

    /// Where it was when it was opened; for messages. Put together when asked for, since most files are opened without one.
    package var path: FilePath { folder.appending(name) }

    deinit { close(descriptor) }

    /// Reads into `buffer` from `offset` on; answers how many bytes, fewer than asked only at the end of the file.
    package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(DiskError) -> Int {
        var done = 0
        while done < buffer.count {
            let count = try systemCall("read", path) {
                unsafe pread(descriptor, buffer.baseAddress?.advanced(by: done), buffer.count - done, off_t(offset) + off_t(done))
            }
            if count == 0 { break }
            done += count
        }
        return done
    }

    /// Writes all of `bytes` at `offset`.
    package func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(DiskError) {
        var done = 0
        while done < bytes.count {
            done += try systemCall("write", path) {
                unsafe pwrite(descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done, off_t(offset) + off_t(done))
            }
        }
    }

    /// As `read`, into an array that has the wanted size.
    package func read(into bytes: inout [UInt8], at offset: UInt64) throws(DiskError) -> Int {
        try unsafe bytes.withUnsafeMutableBytes { buffer in
            Result { () throws(DiskError) in unsafe try read(into: buffer, at: offset) }
        }.get()
    }

    /// Writes all of `bytes` at `offset`.
    package func write(_ bytes: [UInt8], at offset: UInt64) throws(DiskError) {
        try unsafe bytes.withUnsafeBytes { buffer in
            Result { () throws(DiskError) in unsafe try write(buffer, at: offset) }
        }.get()
    }

    /// Cuts the file or extends it with zeros that take no space.
    package func truncate(to size: UInt64) throws(DiskError) {
        try systemCall("set the size of", path) { ftruncate(descriptor, off_t(size)) }
    }

    /// Takes the space for `size` bytes now; answers false where the file system cannot.
    package func reserve(_ size: UInt64) throws(DiskError) -> Bool {
        do { try systemCall("reserve space for", path) { instar_reserve(descriptor, off_t(size)) } } catch {
            if error.code == .notSupported || error.code == .noFunction { return false }
            throw error
        }
        return true
    }

    package func setPermissions(_ permissions: UInt16) throws(DiskError) {
        try systemCall("set the permissions of", path) { fchmod(descriptor, mode_t(permissions)) }
    }

    package func status() throws(DiskError) -> FileStatus {
        var found = instar_status()
        try systemCall("look at", path) { unsafe instar_status_at(descriptor, nil, &found) }
        return FileStatus(found)
    }

    /// Waits until the content is on the disk.
    package func sync() throws(DiskError) {
        try systemCall("sync", path) { instar_sync_file(descriptor) }
    }
}

extension Directory {
    /// Opens the regular file `name`. A symbolic link is an error, and so is a pipe or a device, which might block for ever.
    package func file(_ name: some FileName, _ access: File.Access = .read) throws(DiskError) -> File {
        guard case .create(let permissions) = access else { return try openedFile(name, access).file }
        let created = try openDescriptor("create", name, O_RDWR | O_CREAT | O_EXCL, permissions)
        return File(owning: created, folder: path, name: name.fileNameText)
    }

    /// As `file` for one that is there, with what it is: the one look at it that opening takes anyway.
    package func openedFile(_ name: some FileName, _ access: File.Access = .read) throws(DiskError) -> (file: File, status: FileStatus) {
        let flags = if case .read = access { O_RDONLY } else { O_RDWR }
        let file = File(owning: try openDescriptor("open", name, flags | O_NONBLOCK, 0), folder: path, name: name.fileNameText)
        let status = try file.status()
        guard status.kind == .file else { throw DiskError("open", file.path, .invalidArgument) }
        return (file, status)
    }

    private func openDescriptor(_ operation: String, _ name: some FileName, _ flags: Int32, _ permissions: UInt16) throws(DiskError)
        -> Int32
    {
        try systemCall(operation, path(of: name)) {
            unsafe name.withFileName { unsafe instar_open_at(descriptor, $0, flags | O_NOFOLLOW | O_CLOEXEC, mode_t(permissions)) }
        }
    }
}
