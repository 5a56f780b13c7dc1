internal import CPlatform

/// What the file system says of a name, without following it where it is a symbolic link.
package struct FileStatus: Hashable, Sendable {
    package enum Kind: Hashable, Sendable { case file, directory, symbolicLink, other }

    package var kind: Kind
    /// Bytes.
    package var size: UInt64
    /// Nanoseconds since 1970.
    package var modified: Int64
    /// When content, permissions, names or owner changed last: unlike `modified`, no program can set it back.
    package var changed: Int64
    package var device: UInt64
    package var inode: UInt64
    /// Names that the file has.
    package var links: UInt64
    /// The twelve permission bits.
    package var permissions: UInt16
    /// User id.
    package var owner: UInt32
    /// Bytes that it takes on disk; fewer than `size` where it is sparse.
    package var allocated: UInt64

    package init(
        kind: Kind, size: UInt64, modified: Int64, changed: Int64 = 0, device: UInt64, inode: UInt64, links: UInt64, permissions: UInt16,
        owner: UInt32,
        allocated: UInt64
    ) {
        self.kind = kind
        self.size = size
        self.modified = modified
        self.changed = changed
        self.device = device
        self.inode = inode
        self.links = links
        self.permissions = permissions
        self.owner = owner
        self.allocated = allocated
    }

    init(_ found: instar_status) {
        let kind: Kind =
            switch found.mode & 0o170000 {
            case 0o100000: .file
            case 0o040000: .directory
            case 0o120000: .symbolicLink
            default: .other
            }
        self.init(
            kind: kind, size: found.size, modified: found.modified, changed: found.changed, device: found.device, inode: found.inode,
            links: found.links,
            permissions: UInt16(found.mode & 0o7777), owner: found.owner, allocated: found.blocks * 512)
    }

    /// True where every user of the machine may write.
    package var isWritableByAll: Bool { permissions & 0o002 != 0 }
}
