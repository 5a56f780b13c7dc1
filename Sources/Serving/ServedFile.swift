internal import SystemPackage
#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// An open regular file below the served folder, with what HTTP says about it. Closed with its last use.
struct ServedFile: ~Copyable {
    let descriptor: Int32
    let size: UInt64
    /// A strong validator: changes when the file is replaced or written (size, mtime to the nanosecond, inode).
    let entityTag: String
    let lastModified: String

    /// Opens the file that `names` lead to. Each step refuses symbolic links, so that nothing outside is reached
    /// whatever a link in the folder points at; nil where there is no such regular file.
    init?(below root: Int32, names: [String]) {
        guard let last = names.last else { return nil }
        var folder = root
        for name in names.dropLast() {
            let next = unsafe openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            if folder != root { close(folder) }
            guard next >= 0 else { return nil }
            folder = next
        }
        // Without O_NONBLOCK, opening a named pipe would wait for its writer.
        let file = unsafe openat(folder, last, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        if folder != root { close(folder) }
        guard file >= 0 else { return nil }
        var status = stat()
        guard unsafe fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(file)
            return nil
        }
        self.init(descriptor: file, status)
    }

    private init(descriptor: Int32, _ status: stat) {
        self.descriptor = descriptor
        size = UInt64(status.st_size)
        #if canImport(Darwin)
            let time = status.st_mtimespec
        #else
            let time = status.st_mtim
        #endif
        let parts = [UInt64(status.st_size), UInt64(bitPattern: Int64(time.tv_sec)), UInt64(time.tv_nsec), UInt64(status.st_ino)]
        entityTag = "\"" + parts.map { String($0, radix: 16) }.joined(separator: "-") + "\""
        lastModified = HTTPDate.text(secondsSince1970: Int64(time.tv_sec))
    }

    deinit {
        close(descriptor)
    }
}
