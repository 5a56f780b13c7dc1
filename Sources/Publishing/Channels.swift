internal import InstarCryptography
package import InstarManifest
package import InstarTrust

/// Changes of what channels say. Each is one signed publication; clients see the old document or the new.
package enum Channels {
    /// All channels by name.
    package static func all(in trust: borrowing RepositoryTrust) throws -> [ChannelDocument] {
        let repository = try PublishedRepository(trust)
        return try repository.channelNames.compactMap { try repository.channel($0) }
    }

    /// The releases of the repository, the earliest first.
    package static func releases(in trust: borrowing RepositoryTrust) throws -> [ReleaseIdentity] {
        try PublishedRepository(trust).releases().map { ReleaseIdentity($0.manifest, target: $0.target) }
    }

    /// Points a channel, which is made where there is none, to a published release.
    ///
    /// - Parameter version: A version, whose newest release is meant, or a sequence number after `#`.
    @discardableResult
    package static func set(
        _ channel: String, to version: String, share: Double = 1, in trust: inout RepositoryTrust, now: UTCTime
    ) throws -> ChannelDocument {
        let repository = try PublishedRepository(trust)
        let found = try repository.releases().last { release in
            version.hasPrefix("#") ? "#\(release.manifest.identity.sequence)" == version : release.manifest.identity.version == version
        }
        guard let found else { throw PublishError.refused("there is no release \(version) in this repository") }
        let identity = found.manifest.identity
        let release = ChannelDocument.Release(target: found.target.path, version: identity.version, sequence: identity.sequence)
        let requirements = try repository.channel(channel)?.requirements ?? []
        return try publish(
            ChannelDocument(
                channel: channel, release: release, rollout: .init(share: share, salt: found.target.path), requirements: requirements),
            repository, in: &trust, now: now)
    }

    /// Points `channel` to the release that `source` points to.
    @discardableResult
    package static func promote(
        from source: String, to channel: String, share: Double = 1, in trust: inout RepositoryTrust, now: UTCTime
    ) throws -> ChannelDocument {
        let repository = try PublishedRepository(trust)
        guard let from = try repository.channel(source) else {
            throw PublishError.refused("there is no channel \(source) in this repository")
        }
        let requirements = try repository.channel(channel)?.requirements ?? from.requirements
        return try publish(
            ChannelDocument(
                channel: channel, release: from.release, rollout: .init(share: share, salt: from.release.target), requirements: requirements
            ),
            repository, in: &trust, now: now)
    }

    /// Changes a channel's document in place: halt, resume, share, requirements.
    @discardableResult
    package static func change(
        _ channel: String, in trust: inout RepositoryTrust, now: UTCTime, _ change: (inout ChannelDocument) -> Void
    ) throws -> ChannelDocument {
        let repository = try PublishedRepository(trust)
        guard var document = try repository.channel(channel) else {
            throw PublishError.refused("there is no channel \(channel) in this repository; make it with `instar channel set`")
        }
        change(&document)
        return try publish(document, repository, in: &trust, now: now)
    }

    private static func publish(
        _ document: ChannelDocument, _ repository: PublishedRepository, in trust: inout RepositoryTrust, now: UTCTime
    ) throws -> ChannelDocument {
        guard ReleaseVersion.isValid(document.channel) else {
            throw PublishError.refused("\"\(document.channel)\" cannot be the name of a channel")
        }
        guard (0...1).contains(document.rollout.share) else { throw PublishError.refused("the share of a rollout is between 0 and 1") }
        try trust.publish(adding: [repository.store(document)], removing: [], now: now)
        return document
    }
}

extension ReleaseIdentity {
    init(_ manifest: Manifest, target: TargetFile) {
        self.init(version: manifest.identity.version, sequence: manifest.identity.sequence, digest: target.digest)
    }
}
