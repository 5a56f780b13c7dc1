internal import InstarContent
internal import InstarCryptography
internal import InstarDisk
internal import InstarManifest
internal import SystemPackage

/// The published files of a repository, but for its metadata: bundles and targets. Files are added whole, under a
/// name that says their content, and never changed.
struct RepositoryFolder: Sendable {
    let root: Directory

    /// Where bundles are written before their digest, and so their name, is known.
    static let incoming = "incoming"

    init(at path: FilePath) throws(PublishError) {
        root = try onDisk { () throws(DiskError) in try Directory.open(path, followingLinks: true) }
    }

    /// The folder of unfinished bundles, empty: what an earlier publication left when it was killed goes. Call it only
    /// under the repository's lock.
    func freshIncoming() throws(PublishError) -> Directory {
        try onDisk { () throws(DiskError) in
            let bundles = try root.directory(creating: "bundles")
            try bundles.removeTree(RepositoryFolder.incoming)
            return try bundles.directory(creating: RepositoryFolder.incoming)
        }
    }

    /// Removes the folder of unfinished bundles.
    func removeIncoming() throws(PublishError) {
        try onDisk { () throws(DiskError) in try root.directory(creating: "bundles").removeTree(RepositoryFolder.incoming) }
    }

    /// Opens a bundle for reading.
    func bundle(_ digest: Digest) throws(PublishError) -> File {
        let name = digest.description
        do {
            return try root.directory("bundles").directory(String(name.prefix(2))).file("\(name).bundle")
        } catch { throw .damagedRepository("the bundle \(name) cannot be read: \(error)") }
    }

    /// Moves a finished bundle to its place. True where it was not there before.
    func adopt(bundle name: String, from incoming: Directory, as digest: Digest) throws(PublishError) -> Bool {
        try onDisk { () throws(DiskError) in
            let folder = try root.directory("bundles").directory(creating: String(digest.description.prefix(2)))
            let final = "\(digest).bundle"
            if try folder.status(of: final) != nil {
                try incoming.remove(name)
                return false
            }
            try incoming.rename(name, to: final, in: folder)
            try folder.sync()
            try root.directory("bundles").sync()
            return true
        }
    }

    /// Writes a target file and waits until it is on the disk.
    func store(_ target: TargetFile, _ bytes: [UInt8]) throws(PublishError) {
        try onDisk { () throws(DiskError) in
            var folder = try root.directory(creating: "targets")
            let parts = target.storedPath.split(separator: "/").map(String.init)
            for part in parts.dropLast() { folder = try folder.directory(creating: part) }
            try folder.replace(parts[parts.count - 1], with: bytes)
        }
    }

    /// Reads a target file that the metadata lists, and checks it.
    func contents(of target: TargetFile, limit: Int) throws(PublishError) -> [UInt8] {
        var bytes: [UInt8]?
        do {
            var folder = try root.directory("targets")
            let parts = target.storedPath.split(separator: "/").map(String.init)
            for part in parts.dropLast() { folder = try folder.directory(part) }
            bytes = try folder.contents(of: parts[parts.count - 1], limit: limit)
        } catch { throw .damagedRepository("\(target.path) cannot be read: \(error)") }
        guard let bytes, Digest(of: bytes) == target.digest else {
            throw .damagedRepository("\(target.path) is missing or has other bytes than signed")
        }
        return bytes
    }
}
