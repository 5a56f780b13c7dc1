internal import SystemPackage

// Small files, whole.
extension Directory {
    /// The bytes of the small file `name`, nil where there is none. A file of more than `limit` bytes is an error and is
    /// not read, so that a file that somebody else grew cannot exhaust memory.
    package func contents(of name: some FileName, limit: Int) throws(DiskError) -> [UInt8]? {
        let file: File
        do { file = try self.file(name) } catch {
            if error.code == .noSuchFileOrDirectory { return nil }
            throw error
        }
        let size = try file.status().size
        guard size <= UInt64(limit) else { throw DiskError("read", file.path, .fileTooLarge) }
        var contents = [UInt8](repeating: 0, count: Int(size))
        contents.removeLast(contents.count - (try file.read(into: &contents, at: 0)))
        return contents
    }

    /// Writes the new file `name`; not yet synced.
    package func write(_ contents: [UInt8], toNew name: some FileName, permissions: UInt16) throws(DiskError) -> File {
        let file = try self.file(name, .create(permissions: permissions))
        do throws(DiskError) {
            try file.write(contents, at: 0)
        } catch {
            _ = try? remove(name)
            throw error
        }
        return file
    }

    /// Replaces `name` by a file with `contents`: a reader, or a crash at any instant, sees the old bytes or the new.
    /// When it returns, the new ones survive a power cut. After an error it is the old ones.
    ///
    /// The file beside it is called `name` + `.new`: the caller makes sure that only one replaces at a time.
    package func replace(_ name: String, with contents: [UInt8], permissions: UInt16 = 0o644) throws(DiskError) {
        let temporary = name + ".new"
        try remove(temporary)
        do throws(DiskError) {
            try write(contents, toNew: temporary, permissions: permissions).sync()
            try rename(temporary, to: name, in: self)
        } catch {
            _ = try? remove(temporary)
            throw error
        }
        try sync()
    }
}
