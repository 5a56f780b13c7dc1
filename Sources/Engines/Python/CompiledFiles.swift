internal import CPython
internal import SystemPackage

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// The compiled files that the import system keeps beside sources.
///
/// It takes one for good by the source's size and whole second of change, so an edit of the same size in the same second
/// goes unnoticed by every process to come. What would be taken for the new source without being its code is removed.
enum CompiledFiles {
    /// - Parameter compiled: where the import system keeps the code of `source`.
    static func removeStale(_ compiled: String, of source: String) {
        guard compiled.hasSuffix(".pyc"), let header = header(of: compiled) else { return }
        let flags = header[1]
        guard flags == 0 ? matches(header, source) : flags & 2 == 0 else { return }
        _ = unsafe unlink(compiled)
    }

    /// Magic number, flags, and either time and size or a digest: four numbers.
    private static func header(of path: String) -> [UInt32]? {
        guard let file = try? FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec) else { return nil }
        defer { try? file.close() }
        var numbers: [UInt32] = [0, 0, 0, 0]
        let count = unsafe numbers.withUnsafeMutableBytes { unsafe try? file.read(into: $0) }
        return count == 16 ? numbers.map { UInt32(littleEndian: $0) } : nil
    }

    private static func matches(_ header: [UInt32], _ source: String) -> Bool {
        var status = stat()
        guard unsafe stat(source, &status) == 0 else { return false }
        return header[2] == UInt32(truncatingIfNeeded: status.st_mtim.tv_sec) && header[3] == UInt32(truncatingIfNeeded: status.st_size)
    }
}
