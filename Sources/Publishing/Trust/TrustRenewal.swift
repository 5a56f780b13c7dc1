package import InstarTrust

extension RepositoryTrust {
    /// Signs the timestamp anew, and with it whichever of snapshot and targets has less than half of its life
    /// left and whose keys are at hand: what a cron job does between publications.
    package mutating func renew(now: UTCTime) throws(TrustPublishingError) -> [String] {
        var roles = OnlineRoles(published)
        var changes: OnlineRoles.Changes = []
        if isDue(roles.snapshot, published.snapshot, now) { changes.insert(.snapshot) }
        if isDue(roles.targets, published.targets, now), (try? signers(for: "targets", under: published.root.root)) != nil {
            changes.insert(.targets)
        }
        try sign(&roles, changing: changes, now: now)
        return (changes.contains(.targets) ? ["targets"] : []) + (changes.isEmpty ? [] : ["snapshot"]) + ["timestamp"]
    }

    /// Sets for how many days an online role is signed each time, and signs it anew. The root's life is changed
    /// like its keys, by `changeRoot`.
    package mutating func setLifetime(_ days: Int, of kind: SignedMetadata.Kind, now: UTCTime) throws(TrustPublishingError) {
        try RepositoryTrust.requireLifetime(days)
        var roles = OnlineRoles(published)
        switch kind {
        case .targets: roles.targets.lifetime = days
        case .snapshot: roles.snapshot.lifetime = days
        default: roles.timestamp.lifetime = days
        }
        try sign(&roles, changing: kind == .targets ? [.targets, .snapshot] : kind == .snapshot ? .snapshot : [], now: now)
    }

    package static func requireLifetime(_ days: Int) throws(TrustPublishingError) {
        guard (1...Lifetimes.longest).contains(days) else {
            throw .refused("a role can hold for 1 to \(Lifetimes.longest) days, not \(days)")
        }
    }

    private func isDue(_ draft: MetadataDraft, _ published: SignedMetadata, _ now: UTCTime) -> Bool {
        published.expires.secondsSince1970 - now.secondsSince1970 < Int64(draft.lifetime) * 86400 / 2
    }
}
