internal import InstarCryptography
internal import InstarDisk
package import InstarTrust
package import SystemPackage

/// A folder of verified targets. Each lies under its whole path, encoded as one file name, so that no path of
/// the repository ever reaches the file system; new content replaces the old under the same name.
package struct TargetFolder: Sendable {
    /// Fills a buffer with the next bytes of the content; 0 at its end. It blocks.
    package typealias Reader = (UnsafeMutableRawBufferPointer) throws -> Int

    package let path: FilePath

    package init(_ path: FilePath) {
        self.path = path
    }

    /// Where a target lies. A path that encoding leaves to mean another folder is encoded whole, and one too
    /// long for a file name is stored under its digest.
    package func file(of target: ByteText) -> FilePath {
        let encoded = PercentEncoding.component(target)
        let name =
            encoded.utf8.count > 200 ? "%%\(Digest(of: target.utf8))" : encoded.hasPrefix(".") ? "%2E" + encoded.dropFirst() : encoded
        return path.appending(name)
    }

    /// Whether the target's content is here already: its length and every digest are as listed.
    package func holds(_ target: TrustedTarget) -> Bool {
        guard let file = try? FileDescriptor.open(file(of: target.path), .readOnly, options: [.closeOnExec, .noFollow]) else {
            return false
        }
        defer { try? file.close() }
        do {
            unsafe try TargetFolder.copy(target, to: nil) { unsafe try file.read(into: $0) }
            return true
        } catch {
            return false
        }
    }

    /// §5.7.3: takes content from `read` into a temporary file, verifies its length and every digest, and only
    /// then gives it its name. Whatever fails leaves nothing.
    package func store(_ target: TrustedTarget, from read: Reader) throws {
        let temporary = path.appending(".\(UInt64.random(in: .min ... .max)).part")
        let file = try attempt("create", temporary) {
            try FileDescriptor.open(
                temporary, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec],
                permissions: [.ownerReadWrite, .groupRead, .otherRead])
        }
        do {
            defer { try? file.close() }
            unsafe try TargetFolder.copy(target, to: file, from: read)
            try Folders.sync(file, temporary)
            try Folders.rename(temporary, to: self.file(of: target.path))
        } catch {
            try? Folders.remove(temporary)
            throw error
        }
        try DurableFile.syncFolder(path)
    }

    /// Reads content to its end, verifying it, and writes it where a file is given.
    private static func copy(_ target: TrustedTarget, to file: FileDescriptor?, from read: Reader) throws {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
        defer { unsafe buffer.deallocate() }
        var verification = target.verification()
        while case let count = unsafe try read(buffer), count > 0 {
            let piece = unsafe UnsafeRawBufferPointer(rebasing: buffer[..<count])
            unsafe try verification.update(piece)
            if let file { _ = unsafe try file.writeAll(piece) }
        }
        try verification.finish()
    }
}
