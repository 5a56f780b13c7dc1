package import InstarTrust
internal import SystemPackage

/// What became of a change of the root.
package enum RootOutcome: Sendable {
    /// It is published: clients take it at their next refresh. The names are of the roles that got new versions
    /// because their keys changed.
    case published(version: Int64, resigned: [String])
    /// It waits for signatures; `needs` says whose.
    case staged(version: Int64, needs: [MissingSignatures])
}

/// Which signatures a staged root still lacks.
package struct MissingSignatures: Hashable, Sendable {
    /// What they are counted for: `root before the change`, `root after the change`, or an online role whose
    /// private keys must be at hand when the root is published.
    package var role: String
    package var have: Int
    package var need: Int
    /// The keys that could give them and have not yet.
    package var keyIDs: [ByteText]
}

extension RepositoryTrust {
    /// Changes the root and signs it with every key at hand. As soon as the keys of the old root and of the new
    /// one have signed in sufficient number, it is published; until then it lies in `metadata/staged/` for the
    /// next holder. A change on top of a staged root drops the signatures that were on that.
    package mutating func changeRoot(now: UTCTime, _ change: (inout RootDraft) throws(TrustPublishingError) -> Void)
        throws(TrustPublishingError) -> RootOutcome
    {
        var root = try rootDraft()
        try change(&root)
        root.draft.version = published.root.root.version
        root.draft.advance(now: now)
        return try sign(SignedFile(payload: root.draft.signed), now: now)
    }

    /// Adds the signatures of every key at hand to the staged root, and publishes it once they suffice.
    package mutating func signStagedRoot(now: UTCTime) throws(TrustPublishingError) -> RootOutcome {
        guard let staged = try stagedRoot() else {
            throw .refused("nothing waits for signatures: \(stagedFile) does not exist")
        }
        return try sign(SignedFile(staged), now: now)
    }

    /// Replaces keys of a role by as many new ones, whose private halves go to the key folder.
    package mutating func rotate(_ role: ByteText, key: String? = nil, passphrase: [UInt8]? = nil, now: UTCTime)
        throws(TrustPublishingError) -> (outcome: RootOutcome, new: [ByteText])
    {
        let draft = try rootDraft()
        let old = try key.map { prefix throws(TrustPublishingError) in [try draft.keyID(prefix, of: role)] } ?? draft.keyIDs(of: role)
        var new: [PublicKeyDescription] = []
        for _ in old { new.append(try keys.generate(for: role.description, passphrase: passphrase).description) }
        let outcome = try changeRoot(now: now) { root throws(TrustPublishingError) in root.replace(old, by: new, in: role) }
        return (outcome, new.map(\.keyID))
    }

    /// The root to change: the one that waits for signatures, or else the published one.
    package func rootDraft() throws(TrustPublishingError) -> RootDraft {
        if let staged = try stagedRoot() { return RootDraft(staged) }
        do throws(TrustError) { return RootDraft(try SignedMetadata(parsing: published.root.bytes, as: .root, role: "root")) } catch {
            throw .damaged(error)
        }
    }

    private mutating func sign(_ file: SignedFile, now: UTCTime) throws(TrustPublishingError) -> RootOutcome {
        let draft = try RootDraft(file.metadata())
        let wanted = Set(published.root.root.keys(of: "root").keyIDs + draft.keyIDs(of: "root"))
        let signers = try keys.keys(wanted: wanted).values.sorted { $0.keyID < $1.keyID }
        let signed = try file.adding(signers)
        let metadata = try signed.metadata()
        // On disk before anything else, so that whatever is killed from here on can be finished.
        try FileTree.makeFolder(
            stagedFile.removingLastComponent(), permissions: [.ownerReadWriteExecute, .groupReadExecute, .otherReadExecute])
        try RepositoryTrust.write(signed.bytes, to: stagedFile)
        guard let root = try? published.root.successor(signed.bytes) else {
            return .staged(version: metadata.version, needs: try missingSignatures(on: metadata))
        }
        return try publish(root, now: now)
    }

    /// Counts the signatures of a staged root, for the keys before the change and after it.
    package func missingSignatures(on staged: SignedMetadata) throws(TrustPublishingError) -> [MissingSignatures] {
        let after: Root
        do throws(TrustError) { after = try Root(staged) } catch { throw .damaged(error) }
        return [("root before the change", published.root.root), ("root after the change", after)].compactMap { name, root in
            let keys = root.keys(of: "root")
            let have = keys.signers(of: staged).count
            guard have < keys.threshold else { return nil }
            let signed = Set(staged.signatures.map(\.keyID))
            return MissingSignatures(role: name, have: have, need: keys.threshold, keyIDs: keys.keyIDs.filter { !signed.contains($0) })
        }
    }

    /// Publishes a root that is signed in full, with new versions of the online roles where the old ones would
    /// no longer verify. Those are signed by the old keys too, if they are at hand: then the repository verifies
    /// at every instant, under the old root and under the new.
    private mutating func publish(_ root: TrustedRoot, now: UTCTime) throws(TrustPublishingError) -> RootOutcome {
        let broken = OnlineRoles.kinds.filter { kind, role in !published.verifies(kind, under: root) }.map(\.role)
        var files: [(name: String, bytes: [UInt8])] = []
        if !broken.isEmpty {
            var signers: [ByteText: [SigningKey]] = [:]
            for (_, role) in OnlineRoles.kinds {
                do throws(TrustPublishingError) {
                    signers[role] = try self.signers(for: role, under: root.root, and: published.root.root)
                } catch {
                    guard case .missingKeys(_, let have, let need, _) = error else { throw error }
                    let missing = MissingSignatures(role: role.description, have: have, need: need, keyIDs: root.root.keys(of: role).keyIDs)
                    return .staged(version: root.root.version, needs: [missing])
                }
            }
            let known = signers
            var roles = OnlineRoles(published)
            let changes: OnlineRoles.Changes =
                broken.contains("targets") ? [.targets, .snapshot] : broken.contains("snapshot") ? .snapshot : []
            files = try roles.files(changing: changes, now: now) { role throws(TrustPublishingError) in known[role] ?? [] }
        }
        try finish(root, after: files)
        return .published(version: root.root.version, resigned: broken.map(\.description))
    }

    private mutating func finish(_ root: TrustedRoot, after files: [(name: String, bytes: [UInt8])]) throws(TrustPublishingError) {
        try write(files + [("\(root.root.version).root.json", root.bytes), ("root.json", root.bytes)])
        try FileTree.remove(stagedFile)
    }
}
