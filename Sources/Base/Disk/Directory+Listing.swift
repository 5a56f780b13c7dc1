internal import CPlatform
#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif
package import SystemPackage

/// One name found in a directory.
package struct DirectoryEntry: Hashable, Sendable {
    package var name: FilePath.Component
    package var kind: FileStatus.Kind
}

extension Directory {
    /// Every name in the directory but `.` and `..`, in no order.
    package func entries() throws(DiskError) -> [DirectoryEntry] {
        var found: [DirectoryEntry] = []
        try unsafe list { (name, kind) throws(DiskError) in
            // `.` and `..` are special components; everything else is regular.
            guard let component = unsafe FilePath.Component(platformString: name), component.kind == .regular else { return }
            found.append(DirectoryEntry(name: component, kind: try self.kind(of: component, said: kind)))
        }
        return found
    }

    /// As `entries`, with names as text, which is cheaper: for looking them up, not for opening them, since a name that is
    /// not UTF-8 becomes another.
    package func names() throws(DiskError) -> [(name: String, kind: FileStatus.Kind)] {
        var found: [(name: String, kind: FileStatus.Kind)] = []
        try unsafe list { (name, kind) throws(DiskError) in
            let text = unsafe String(cString: name)
            if text != ".", text != ".." { found.append((text, try self.kind(of: text, said: kind))) }
        }
        return found
    }

    private func list(_ body: (UnsafePointer<CChar>, CChar) throws(DiskError) -> Void) throws(DiskError) {
        // A descriptor of its own: the stream closes it, and two listings do not share a position.
        let copy = try systemCall("list", path) { unsafe instar_open_at(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0) }
        guard let stream = unsafe fdopendir(copy) else {
            let code = Errno(rawValue: errno)
            close(copy)
            throw DiskError("list", path, code)
        }
        defer { unsafe closedir(stream) }
        var kind = CChar(0)
        while let name = unsafe instar_next_name(UnsafeMutableRawPointer(stream), &kind) { try unsafe body(name, kind) }
        let code = Errno(rawValue: errno)
        if code.rawValue != 0 { throw DiskError("list", path, code) }
    }

    /// Some file systems do not say in the listing what a name is; then it is looked at.
    private func kind(of name: some FileName, said: CChar) throws(DiskError) -> FileStatus.Kind {
        switch UInt8(bitPattern: said) {
        case UInt8(ascii: "d"): .directory
        case UInt8(ascii: "f"): .file
        case UInt8(ascii: "l"): .symbolicLink
        default: try status(of: name)?.kind ?? .other
        }
    }
}
