package import InstarTrust
package import SystemPackage

extension RepositoryTrust {
    /// Makes a repository with fresh keys, one for each of the four roles, and no targets yet. Asks nothing:
    /// thresholds are 1 and can be raised, keys can be moved, split and rotated later.
    ///
    /// Keys come first and `timestamp.json` last, so that whatever is killed in between is no repository yet.
    package static func create(
        at repository: FilePath, keys: KeyFolder, passphrase: [UInt8]? = nil, lifetimes: Lifetimes = .standard, now: UTCTime
    ) throws(TrustPublishingError) -> RepositoryTrust {
        let folder = repository.appending("metadata")
        guard try FileTree.names(in: folder).isEmpty else { throw .exists(folder.string) }
        guard try FileTree.names(in: keys.path).isEmpty else { throw .exists(keys.path.string) }
        try keys.create()
        for path in [repository, folder] {
            try FileTree.makeFolder(path, permissions: [.ownerReadWriteExecute, .groupReadExecute, .otherReadExecute])
        }

        var root = RootDraft(lifetime: lifetimes.root)
        var signers: [ByteText: [SigningKey]] = [:]
        for role in Root.topLevelRoles {
            let key = try keys.generate(for: role.description, passphrase: passphrase)
            try root.add(key.description, to: role)
            signers[role] = [key]
        }
        root.draft.advance(now: now)
        let rootFile = try root.draft.signed(with: signers["root"] ?? [])
        let known = signers
        var roles = OnlineRoles(lifetimes: lifetimes)
        let files = try roles.files(changing: [.targets, .snapshot], now: now) { role throws(TrustPublishingError) in known[role] ?? [] }
        for file in [("1.root.json", rootFile)] + files.map({ ($0.name, $0.bytes) }) + [("root.json", rootFile)] {
            try write(file.1, to: folder.appending(file.0))
        }
        return try RepositoryTrust(opening: repository, keys: keys)
    }
}
