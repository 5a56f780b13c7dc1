internal import InstarDisk
internal import InstarTrust
package import SystemPackage

/// The trust of one repository, open for changing: nobody else can publish to it while this value lives.
///
///     var trust = try RepositoryTrust(opening: repository, keys: KeyFolder(folder))
///     try trust.publish(adding: [file], removing: [], now: now)      // the last step of a publication
package struct RepositoryTrust: ~Copyable {
    package let repository: FilePath
    package let keys: KeyFolder
    /// What is published now.
    package private(set) var published: PublishedMetadata
    private let lock: FolderLock

    /// Opens a repository: takes its lock and verifies its metadata.
    package init(opening repository: FilePath, keys: KeyFolder) throws(TrustPublishingError) {
        let folder = repository.appending("metadata")
        guard FileTree.exists(folder.appending("root.json")) else { throw .noRepository(repository.string) }
        let lock = try RepositoryTrust.lock(folder)
        let published = try RepositoryTrust.load(repository)
        (self.repository, self.keys, self.published) = (repository, keys, published)
        self.lock = lock
    }

    private static func lock(_ folder: FilePath) throws(TrustPublishingError) -> FolderLock {
        let lock: FolderLock?
        do throws(DiskError) { lock = try FolderLock(trying: folder) } catch { throw .disk(error) }
        guard let lock else { throw .busy(folder.removingLastComponent().string) }
        return lock
    }

    private static func load(_ repository: FilePath) throws(TrustPublishingError) -> PublishedMetadata {
        do throws(TrustPublishingError) { return try PublishedMetadata(repository.appending("metadata")) } catch {
            guard case .damaged = error, let finished = try finishInterruptedChange(of: repository) else { throw error }
            return finished
        }
    }

    /// The folder of the metadata, which clients read.
    var folder: FilePath { repository.appending("metadata") }

    /// The private keys of a role under a root; throws if they are too few to sign for it.
    func signers(for role: ByteText, under root: Root) throws(TrustPublishingError) -> [SigningKey] {
        let roleKeys = root.keys(of: role)
        let signers = try keys.keys(wanted: Set(roleKeys.keyIDs)).values.sorted { $0.keyID < $1.keyID }
        guard signers.count >= roleKeys.threshold else {
            throw .missingKeys(role: role.description, have: signers.count, need: roleKeys.threshold, folder: keys.path.string)
        }
        return signers
    }

    /// The private keys of a role under a new root, and those of the old root that are at hand beside them.
    func signers(for role: ByteText, under root: Root, and old: Root) throws(TrustPublishingError) -> [SigningKey] {
        let needed = try signers(for: role, under: root)
        let more = try keys.keys(wanted: Set(old.keys(of: role).keyIDs)).values.filter { key in !needed.contains { $0.keyID == key.keyID } }
        return needed + more.sorted { $0.keyID < $1.keyID }
    }

    /// Writes files in the order given, each durable before the next: whoever is killed in between leaves
    /// files that nothing lists yet. Then what is published is read and verified again.
    mutating func write(_ files: [(name: String, bytes: [UInt8])]) throws(TrustPublishingError) {
        for file in files { try RepositoryTrust.write(file.bytes, to: folder.appending(file.name)) }
        published = try PublishedMetadata(folder)
    }

    static func write(_ bytes: [UInt8], to path: FilePath) throws(TrustPublishingError) {
        do throws(DiskError) { try DurableFile.replace(path, with: bytes) } catch { throw .disk(error) }
    }
}
