internal import InstarCryptography
internal import InstarManifest
internal import InstarTrust
internal import SystemPackage

/// The releases and channels that a repository's signed metadata lists now.
struct PublishedRepository {
    let folder: RepositoryFolder
    /// Every target by its path.
    let targets: [String: TargetFile]

    init(_ trust: borrowing RepositoryTrust) throws {
        folder = try RepositoryFolder(at: trust.repository)
        var targets: [String: TargetFile] = [:]
        for target in try trust.targets() {
            guard let digest = Digest(bytes: target.digests.known[.sha256] ?? []) else { continue }
            let path = target.path.description
            targets[path] = TargetFile(path: path, length: target.length, digest: digest, custom: target.custom)
        }
        self.targets = targets
    }

    /// The manifests of all releases, the earliest first.
    func releases() throws -> [(target: TargetFile, manifest: Manifest)] {
        try targets.values.filter { $0.path.hasPrefix("releases/") }
            .map { target in (target, try Manifest(decoding: folder.contents(of: target, limit: Manifest.maximumBytes))) }
            .sorted { $0.1.identity.sequence < $1.1.identity.sequence }
    }

    /// One more than the greatest sequence number of any release.
    var nextSequence: UInt64 {
        1 + (targets.keys.compactMap { RepositoryLayout.sequence(ofTarget: $0) }.max() ?? 0)
    }

    /// All content of all releases.
    func index() throws -> ContentIndex {
        try ContentIndex(releases: releases().map(\.manifest), reading: RepositoryPages(folder))
    }

    /// The names of all channels.
    var channelNames: [String] {
        targets.keys.filter { $0.hasPrefix("channels/") && $0.hasSuffix(".json") }.map { String($0.dropFirst(9).dropLast(5)) }.sorted()
    }

    /// What a channel says now; nil where there is none of that name.
    func channel(_ name: String) throws -> ChannelDocument? {
        guard let target = targets[RepositoryLayout.channelTarget(name)] else { return nil }
        return try ChannelDocument(decoding: folder.contents(of: target, limit: ChannelDocument.maximumBytes), of: name)
    }

    /// Writes a channel document; the metadata must list it afterwards.
    func store(_ document: ChannelDocument) throws -> TargetFile {
        let bytes = document.encoded()
        let target = TargetFile(
            path: RepositoryLayout.channelTarget(document.channel), length: Int64(bytes.count), digest: Digest(of: bytes))
        try folder.store(target, bytes)
        return target
    }

    /// Points a channel to a new release. Requirements of the channel stay; a halt was one of the release before.
    func channel(_ name: String, pointingTo manifest: Manifest, target: TargetFile, share: Double) throws -> TargetFile {
        let release = ChannelDocument.Release(
            target: target.path, version: manifest.identity.version, sequence: manifest.identity.sequence)
        return try store(
            ChannelDocument(
                channel: name, release: release, rollout: .init(share: share, salt: target.path),
                requirements: channel(name)?.requirements ?? []))
    }
}

extension RepositoryLayout {
    /// The sequence number in the name of a release target; nil for other targets.
    static func sequence(ofTarget path: String) -> UInt64? {
        guard path.hasPrefix("releases/"), path.hasSuffix(".manifest") else { return nil }
        return path.dropLast(9).split(separator: "-").last.flatMap { UInt64($0) }
    }
}
