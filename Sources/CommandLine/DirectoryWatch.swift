internal import CPlatform
internal import SystemPackage

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Tells whether anything changed in a directory and below since it was last asked.
final class DirectoryWatch {
    private let descriptor: Int32
    private let root: String
    /// Deeper trees are not source trees; stops a link to a parent from being followed for ever.
    private static let maximumDepth = 16

    /// Nil where the system cannot watch directories.
    init?(_ root: FilePath) {
        self.root = root.string
        descriptor = instar_watch_open()
        guard descriptor >= 0 else { return nil }
        add(root.string, depth: 0)
    }

    deinit { close(descriptor) }

    private func add(_ directory: String, depth: Int) {
        guard depth < DirectoryWatch.maximumDepth, unsafe instar_watch_add(descriptor, directory) >= 0,
            let stream = unsafe opendir(directory)
        else { return }
        defer { unsafe closedir(stream) }
        while let entry = unsafe readdir(stream) {
            guard unsafe entry.pointee.d_type == UInt8(DT_DIR) else { continue }
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
                unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if !name.hasPrefix("."), name != "__pycache__" { add("\(directory)/\(name)", depth: depth + 1) }
        }
    }

    /// Whether something changed; forgets it. Directories that are new are watched from now on.
    func hasChanged() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 4096)
        var changed = false
        while unsafe read(descriptor, &buffer, buffer.count) > 0 { changed = true }
        if changed { add(root, depth: 0) }
        return changed
    }
}
