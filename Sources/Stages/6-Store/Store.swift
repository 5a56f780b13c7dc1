internal import InstarDisk
package import SystemPackage
#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// The directory on the player's machine that Instar owns. `docs/store.md` says what lies in it and what always holds.
///
/// Any number of processes may have it open. Reading takes no lock; each change of the state is one short lock and one
/// rename; staging, repairing and collecting need the writer's lock (`lock()`).
package final class Store: Sendable {
    package let path: FilePath
    let root: Directory

    private init(path: FilePath, root: Directory) {
        self.path = path
        self.root = root
    }

    /// Opens the store at `path`, made where there is none. A store that another user owns or everybody may write, or
    /// with a symbolic link where one of its folders or files belongs, is refused.
    package static func open(at path: FilePath) throws(StoreError) -> Store {
        let absolute = path.isAbsolute ? path.lexicallyNormalized() : currentDirectory().pushing(path).lexicallyNormalized()
        do { try createFolders(absolute) } catch { throw refusal(of: absolute, error) }
        let root: Directory
        do { root = try Directory.open(absolute) } catch { throw refusal(of: absolute, error) }
        let store = Store(path: absolute, root: root)
        try Store.inspect(root)
        for folder in Folder.allCases {
            if try onDisk({ () throws(DiskError) in try root.status(of: folder.rawValue) }) != nil { _ = try store.folder(folder) }
        }
        for file in ["lock", "state.lock", "state"] { try store.inspect(file: file) }
        return store
    }

    /// What has been decided, read without a lock: always one whole state, never half of two.
    package func state() throws(StoreError) -> StoreState {
        guard let bytes = try stateBytes() else { return StoreState() }
        return try StoreState(encoded: bytes)
    }

    /// Where the game finds the generation: `generations/<n>` in this store.
    package func path(of generation: UInt64) -> FilePath {
        path.appending(Folder.generations.rawValue).appending(String(generation))
    }

    func stateBytes() throws(StoreError) -> [UInt8]? {
        do { return try root.contents(of: "state", limit: StoreLimits.stateBytes) } catch { throw Store.refusal(of: error.path, error) }
    }

    private static func currentDirectory() -> FilePath {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        guard unsafe getcwd(&buffer, buffer.count) != nil else { return "/" }
        return FilePath(String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))
    }

    /// Makes the folder and those above it, and makes them last.
    private static func createFolders(_ path: FilePath) throws(DiskError) {
        var info = stat()
        if unsafe path.withPlatformString({ unsafe lstat($0, &info) }) == 0 { return }
        let parent = path.removingLastComponent()
        guard let name = path.lastComponent else { return }
        try createFolders(parent)
        // Above the store, links are the user's own business (`/home` may be one).
        let folder = try Directory.open(parent, followingLinks: true)
        do { try folder.makeDirectory(name) } catch  where error.code == .fileExists { return }
        try folder.sync()
    }
}
