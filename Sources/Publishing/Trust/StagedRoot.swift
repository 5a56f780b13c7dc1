internal import InstarDisk
package import InstarTrust
package import SystemPackage

extension RepositoryTrust {
    /// Where a root waits for the signatures of its holders. It is no secret; clients do not ask for it.
    package var stagedFile: FilePath { RepositoryTrust.stagedFile(of: repository) }

    static func stagedFile(of repository: FilePath) -> FilePath { repository.appending("metadata/staged/root.json") }

    /// The root that waits for signatures; nil if none does. One that was staged before another root was
    /// published is of no use any more and does not count.
    package func stagedRoot() throws(TrustPublishingError) -> SignedMetadata? {
        guard let bytes = try? DurableFile.read(stagedFile, limit: MetadataLimit.root) else { return nil }
        do throws(TrustError) {
            let staged = try SignedMetadata(parsing: bytes, as: .root, role: "root")
            return staged.version == published.root.root.version + 1 ? staged : nil
        } catch {
            throw .damaged(error)
        }
    }

    /// Drops the root that waits for signatures.
    package func dropStagedRoot() throws(TrustPublishingError) {
        try FileTree.remove(stagedFile)
    }

    /// Finishes what a kill interrupted between new online roles and the root that they belong to: a staged root
    /// that is signed in full and under which everything verifies becomes the published one.
    static func finishInterruptedChange(of repository: FilePath) throws(TrustPublishingError) -> PublishedMetadata? {
        let folder = repository.appending("metadata")
        guard let bytes = try? DurableFile.read(stagedFile(of: repository), limit: MetadataLimit.root) else { return nil }
        let current = try PublishedMetadata.newestRoot(.init(folder: folder))
        guard let root = try? current.successor(bytes), (try? PublishedMetadata(folder, under: root)) != nil else { return nil }
        for name in ["\(root.root.version).root.json", "root.json"] { try write(bytes, to: folder.appending(name)) }
        try FileTree.remove(stagedFile(of: repository))
        return try PublishedMetadata(folder)
    }
}
