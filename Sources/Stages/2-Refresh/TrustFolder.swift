internal import InstarCryptography
internal import InstarDisk
internal import InstarTrust
package import SystemPackage

/// The local folder of trusted metadata.
///
///     root.json, timestamp.json, snapshot.json, targets.json, <role>.json   the newest trusted file of each role
///     root_history/<version>.root.json                                      every root on the way here
///     rotation-pending                                                      see `markRotation`
///
/// Every file holds the bytes exactly as they were received, was verified before it was written, and is
/// verified again whenever it is read. Files are replaced by one rename, so a kill at any instant leaves the
/// old file or the new one.
package struct TrustFolder: Sendable {
    package let path: FilePath

    package init(_ path: FilePath) {
        self.path = path
    }

    private var history: FilePath { path.appending("root_history") }
    private var rotationMark: FilePath { path.appending("rotation-pending") }

    /// The stored file of a role; nil if there is none that can be read, which is no error: it is fetched again.
    func read(_ role: ByteText, limit: Int) -> [UInt8]? {
        try? DurableFile.read(file(of: role), limit: limit)
    }

    /// A root on the way here.
    func readRoot(version: Int64) -> [UInt8]? {
        try? DurableFile.read(rootFile(version), limit: MetadataLimit.root)
    }

    /// Where a role is stored. Names are encoded, so that none leaves the folder; one too long for a file name
    /// is stored under its digest.
    func file(of role: ByteText) -> FilePath {
        let encoded = PercentEncoding.component(role)
        let name = encoded.utf8.count <= 200 ? encoded : "%%\(Digest(of: role.utf8))"
        return path.appending("\(name).json")
    }

    private func rootFile(_ version: Int64) -> FilePath { history.appending("\(version).root.json") }

    /// Stores a trusted root: first in the history, then as the newest. What is killed in between goes on
    /// from the history.
    func store(_ root: TrustedRoot) throws(DiskError) {
        try Folders.make(history)
        try DurableFile.replace(rootFile(root.root.version), with: root.bytes)
        try DurableFile.replace(file(of: "root"), with: root.bytes)
    }

    /// Begins with a root that the caller trusts, such as the one that came with the game; makes the folder.
    package func begin(with root: [UInt8]) throws(RefreshError) {
        let root = try trust { () throws(TrustError) in try TrustedRoot(pinned: root) }
        try disk { () throws(DiskError) in
            try Folders.make(path)
            try store(root)
        }
    }

    /// Stores a role's file unless what lies there is newer already: `isNewer` judges the stored bytes. The
    /// check and the rename are one step for all processes, so that a slow one cannot undo a fast one.
    func store(_ bytes: [UInt8], of role: ByteText, unlessNewer isNewer: ([UInt8]) -> Bool) throws(RefreshError) {
        do throws(DiskError) {
            let lock = try FolderLock(waitingFor: path)
            defer { withExtendedLifetime(lock) {} }
            if let stored = read(role, limit: MetadataLimit.targets), isNewer(stored) {
                throw DiskError("replace", file(of: role), .wouldBlock)
            }
            try DurableFile.replace(file(of: role), with: bytes)
        } catch {
            throw error.code == .wouldBlock ? .superseded(role.printable) : .disk(error)
        }
    }

    /// Notes, before a root that revokes timestamp or snapshot keys is stored, that the files they signed must
    /// go (§5.3.11). The mark stays until they are gone, so that a kill in between forgets nothing.
    func markRotation(at version: Int64) throws(DiskError) {
        try DurableFile.replace(rotationMark, with: Array("\(version)\n".utf8))
    }

    /// Whether a mark was left by the root of this version or one before it; not by one that was never stored.
    func isRotationPending(at version: Int64) -> Bool {
        guard let text = try? DurableFile.read(rotationMark, limit: 32) else { return false }
        return (Int64(String(decoding: text, as: UTF8.self).filter(\.isNumber)) ?? 0) <= version
    }

    /// §5.3.11: removes timestamp and snapshot, then the mark.
    func removeOnlineRoles() throws(DiskError) {
        for file in [file(of: "timestamp"), file(of: "snapshot"), rotationMark] { try Folders.remove(file) }
    }

    /// The versions of the roots in the history, oldest first.
    func rootVersions() -> [Int64] {
        Folders.names(in: history).compactMap { name in
            let suffix = ".root.json"
            return name.hasSuffix(suffix) ? Int64(name.dropLast(suffix.count)) : nil
        }.sorted()
    }
}
