internal import InstarDisk
internal import SystemPackage
#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

extension Store {
    /// The folders that this layer owns in a store.
    enum Folder: String, CaseIterable {
        case generations, leases, staging, manifests, pages, rescued
    }

    /// Opens one of the store's folders, made where there is none, and refuses a planted one.
    func folder(_ folder: Folder) throws(StoreError) -> Directory {
        let opened: Directory
        do { opened = try root.directory(creating: folder.rawValue) } catch { throw Store.refusal(of: error.path, error) }
        try Store.inspect(opened)
        return opened
    }

    /// Refuses a folder that others than this user can have filled.
    static func inspect(_ folder: Directory) throws(StoreError) {
        let status = try onDisk { () throws(DiskError) in try folder.status() }
        if status.owner != geteuid() { throw .hostile(folder.path, Self.foreignOwner(status.owner)) }
        if status.isWritableByAll { throw .hostile(folder.path, "can be written by every user (chmod o-w mends that)") }
    }

    /// Refuses a file of the store's own that is not a plain file of this user with one name.
    func inspect(file name: String) throws(StoreError) {
        let path = root.path.appending(name)
        guard let status = try onDisk({ () throws(DiskError) in try root.status(of: name) }) else { return }
        guard status.kind == .file else { throw .hostile(path, "is no regular file") }
        if status.owner != geteuid() { throw .hostile(path, Self.foreignOwner(status.owner)) }
        if status.isWritableByAll { throw .hostile(path, "can be written by every user") }
        if status.links > 1 { throw .hostile(path, "has a second hard link") }
    }

    /// What a failed opening means: a symbolic link or another kind of file was put there, or the disk failed.
    static func refusal(of path: FilePath, _ error: DiskError) -> StoreError {
        switch error.code {
        case .tooManySymbolicLinkLevels: .hostile(path, "is a symbolic link")
        case .notDirectory: .hostile(path, "is no folder")
        default: .disk(error)
        }
    }

    /// The commonest reason is a game that was once started as another user.
    private static func foreignOwner(_ owner: UInt32) -> String {
        "belongs to another user (\(owner)): if that is yours, run this as that user"
    }
}
