internal import InstarDisk
internal import InstarTrust

/// §5.2 and §5.3: the trusted root to begin with, and the way from it to the newest.
struct RootUpdate {
    let folder: TrustFolder
    /// The root that came with the game, for a folder that has none yet or lost it.
    let pinned: [UInt8]?

    /// §5.2: the stored root. If its file is damaged, the newest root that the history or the pinned root
    /// still proves takes its place.
    func stored() throws(RefreshError) -> TrustedRoot {
        let own = folder.read("root", limit: MetadataLimit.root)
        if let own, let root = try? TrustedRoot(pinned: own) {
            let newest = forward(root)
            // A kill between the history and the newest file is made good here.
            if newest.root.version != root.root.version { try disk { () throws(DiskError) in try folder.store(newest) } }
            return try reconciled(newest)
        }
        if let root = recovered() {
            try disk { () throws(DiskError) in
                try Folders.make(folder.path)
                try folder.store(root)
            }
            return root
        }
        throw .noTrustedRoot(
            own == nil
                ? "there is no trusted root in \(folder.path): begin with the root.json that came with the game"
                : "\(folder.path)/root.json is damaged and nothing stored proves another: replace it by the root.json that came with the game"
        )
    }

    /// The stored root, or the pinned one where that is newer or of another line: whoever ships the game may
    /// have lost its root keys, begun anew, and shipped the new root with the game.
    private func reconciled(_ stored: TrustedRoot) throws(RefreshError) -> TrustedRoot {
        guard let pinned, let root = try? TrustedRoot(pinned: pinned) else { return stored }
        let isKnown = root.root.version <= stored.root.version && (folder.readRoot(version: root.root.version) ?? pinned) == pinned
        guard !isKnown else { return stored }
        try disk { () throws(DiskError) in
            if root.revokesOnlineKeys(of: stored) { try folder.markRotation(at: root.root.version) }
            try folder.store(root)
        }
        return forward(root)
    }

    /// Goes on through roots that were stored before a kill kept them from becoming the newest.
    private func forward(_ root: TrustedRoot) -> TrustedRoot {
        var newest = root
        while let bytes = folder.readRoot(version: newest.root.version + 1), let next = try? newest.successor(bytes) { newest = next }
        return newest
    }

    private func recovered() -> TrustedRoot? {
        if let pinned, let root = try? TrustedRoot(pinned: pinned) { return forward(root) }
        // Each file of the history was trusted when it was written; the oldest readable one begins the chain.
        for version in folder.rootVersions() {
            if let bytes = folder.readRoot(version: version), let root = try? TrustedRoot(pinned: bytes) { return forward(root) }
        }
        return nil
    }

    /// §5.3.2 to §5.3.9: asks for each next root until there is none.
    func newest(after stored: TrustedRoot, _ fetch: (_ name: String, _ limit: Int) throws(RefreshError) -> [UInt8]?) throws(RefreshError)
        -> TrustedRoot
    {
        var root = stored
        for _ in 0..<MetadataLimit.rootRotations {
            // §5.3.3: no answer but "there is none" may end the chain.
            guard let bytes = try fetch("\(root.root.version + 1).root.json", MetadataLimit.root) else { return root }
            let next: TrustedRoot
            do throws(TrustError) { next = try root.successor(bytes) } catch { throw .untrusted(error) }
            // §5.3.8: stored before the next one is asked for.
            try disk { () throws(DiskError) in
                if next.revokesOnlineKeys(of: root) { try folder.markRotation(at: next.root.version) }
                try folder.store(next)
            }
            root = next
        }
        throw .untrusted(
            TrustError(.tooLarge, "root", "\(MetadataLimit.rootRotations) roots followed each other: try again to go on from there"))
    }
}
