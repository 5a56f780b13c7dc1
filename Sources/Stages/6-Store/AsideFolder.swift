internal import InstarDisk
internal import SystemPackage
internal import Synchronization

/// Where a repair puts what somebody else left in the place of a release's own: `rescued/<n>.<chance>/`, made with the first.
final class AsideFolder: Sendable {
    private let root: Directory
    private let name: String
    private let opened = Mutex<Directory?>(nil)

    init(_ root: Directory, number: UInt64) {
        self.root = root
        name = "\(number).\(UInt32.random(in: .min ... .max))"
    }

    /// Takes `name` out of `folder`: an empty folder is removed, everything else is moved.
    func take(_ name: String, from folder: Directory) throws(DiskError) {
        if try folder.status(of: name)?.kind == .directory, try folder.directory(name).entries().isEmpty {
            try folder.removeDirectory(name)
            return
        }
        let target = try folderForAll()
        // Two of one name, from different folders of the release.
        let isTaken = try target.status(of: name) != nil
        try folder.rename(name, to: isTaken ? "\(name).\(UInt32.random(in: .min ... .max))" : name, in: target)
        try target.sync()
        try folder.sync()
    }

    /// The folder, which lasts before anything is in it.
    private func folderForAll() throws(DiskError) -> Directory {
        if let known = opened.withLock({ $0 }) { return known }
        let rescued = try root.directory(creating: Store.Folder.rescued.rawValue)
        let made = try rescued.directory(creating: name)
        try rescued.sync()
        try root.sync()
        opened.withLock { $0 = made }
        return made
    }
}
