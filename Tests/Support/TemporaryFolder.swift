#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif
package import SystemPackage

/// A folder of one test, removed with everything in it when the value goes.
package final class TemporaryFolder: Sendable {
    package let path: FilePath

    package init() {
        var template = Array("/tmp/instar-test-XXXXXX".utf8CString)
        let made = mkdtemp(&template)
        precondition(made != nil, "cannot make a temporary folder: \(Errno(rawValue: errno))")
        path = FilePath(String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self))
    }

    deinit {
        // fts would be neater, but the few system calls below need no C callback.
        Self.remove(path.string)
    }

    /// Writes `bytes` as a new file `name`, folders made where missing, and answers its path.
    @discardableResult
    package func write(_ name: String, _ bytes: [UInt8]) throws -> FilePath {
        let target = path.appending(name)
        var folder = path
        for component in FilePath(name).removingLastComponent().components {
            folder.append(component)
            mkdir(folder.string, 0o755)
        }
        let file = try FileDescriptor.open(
            target, .writeOnly, options: [.create, .truncate, .closeOnExec], permissions: [.ownerReadWrite, .groupRead, .otherRead])
        defer { try? file.close() }
        try file.writeAll(bytes)
        return target
    }

    /// Adds a file of zeros that uses no space.
    package func holding(_ name: String, bytes: Int) throws -> TemporaryFolder {
        try lengthen(write(name, []), to: bytes)
        return self
    }

    /// Makes the file longer, to `bytes`, without using space for the zeros.
    package func lengthen(_ file: FilePath, to bytes: Int) throws {
        guard truncate(file.string, off_t(bytes)) == 0 else { throw Errno(rawValue: errno) }
    }

    private static func remove(_ path: String) {
        if let folder = opendir(path) {
            while let entry = readdir(folder) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                guard name != ".", name != ".." else { continue }
                let child = path + "/" + name
                var status = stat()
                if lstat(child, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
                    chmod(child, 0o700)
                    remove(child)
                } else {
                    unlink(child)
                }
            }
            closedir(folder)
        }
        rmdir(path)
    }
}
