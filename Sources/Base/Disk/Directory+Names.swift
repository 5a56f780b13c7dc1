internal import CPlatform
#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif
internal import SystemPackage

// Changes of names. None of them follows a symbolic link that `name` may be.
extension Directory {
    /// Makes the directory `name`, writable by its owner only.
    package func makeDirectory(_ name: some FileName) throws(DiskError) {
        try systemCall("make the folder", path(of: name)) { unsafe name.withFileName { unsafe mkdirat(descriptor, $0, 0o755) } }
    }

    /// Moves `name` to `newName` in `target`, replacing a file that has that name, in one step that a crash does not split.
    package func rename(_ name: some FileName, to newName: some FileName, in target: Directory) throws(DiskError) {
        try systemCall("rename", target.path(of: newName)) {
            unsafe name.withFileName { old in unsafe newName.withFileName { unsafe renameat(descriptor, old, target.descriptor, $0) } }
        }
    }

    /// Gives the file `name` a second name, `newName`, in `target`.
    package func link(_ name: some FileName, as newName: some FileName, in target: Directory) throws(DiskError) {
        try systemCall("link", target.path(of: newName)) {
            unsafe name.withFileName { old in unsafe newName.withFileName { unsafe linkat(descriptor, old, target.descriptor, $0, 0) } }
        }
    }

    /// Makes the symbolic link `name` that says `target`.
    package func makeSymbolicLink(_ name: some FileName, to target: String) throws(DiskError) {
        try systemCall("make the symbolic link", path(of: name)) { unsafe name.withFileName { unsafe symlinkat(target, descriptor, $0) } }
    }

    /// What the symbolic link `name` says.
    package func readSymbolicLink(_ name: some FileName) throws(DiskError) -> String {
        // The longest target that Linux allows is 4095 bytes.
        var bytes = [CChar](repeating: 0, count: 4096)
        let count = try systemCall("read the symbolic link", path(of: name)) {
            unsafe name.withFileName { unsafe readlinkat(descriptor, $0, &bytes, bytes.count) }
        }
        return String(decoding: bytes.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// Removes the file or symbolic link `name`; answers false where there is none.
    @discardableResult
    package func remove(_ name: some FileName) throws(DiskError) -> Bool {
        try removeName(name, flags: 0)
    }

    /// Removes the empty directory `name`; answers false where there is none.
    @discardableResult
    package func removeDirectory(_ name: some FileName) throws(DiskError) -> Bool {
        try removeName(name, flags: AT_REMOVEDIR)
    }

    /// Sets the permission bits of the file or directory `name`, which the caller knows to be no symbolic link.
    package func setPermissions(_ permissions: UInt16, of name: some FileName) throws(DiskError) {
        try systemCall("set the permissions of", path(of: name)) {
            unsafe name.withFileName { unsafe fchmodat(descriptor, $0, mode_t(permissions), 0) }
        }
    }

    private func removeName(_ name: some FileName, flags: Int32) throws(DiskError) -> Bool {
        do {
            try systemCall("remove", path(of: name)) { unsafe name.withFileName { unsafe unlinkat(descriptor, $0, flags) } }
            return true
        } catch {
            if error.code == .noSuchFileOrDirectory { return false }
            throw error
        }
    }
}
