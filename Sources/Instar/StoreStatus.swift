internal import InstarCryptography
internal import InstarManifest
internal import InstarStore
internal import SystemPackage

/// What a store holds and has decided.
public struct StoreStatus: Sendable, Hashable {
    /// One kept generation.
    public struct Entry: Sendable, Hashable {
        public var generation: UInt64
        public var release: Release
        public var isConfirmed: Bool
        /// The directory that the game reads.
        public var path: String
        /// Files, symbolic links and empty directories.
        public var files: UInt64
        /// Bytes of content, whether shared with another generation or not.
        public var size: UInt64
        /// Bytes that staging it added to the disk.
        public var written: UInt64
    }

    /// An active generation that is not proven yet.
    public struct Trial: Sendable, Hashable {
        public var generation: UInt64
        /// Starts that did not end cleanly and are not judged yet.
        public var openStarts: Int
        /// Those of them whose process is gone, which the next launch judges.
        public var endedStarts: Int
        /// Starts that ended as crashes.
        public var crashes: Int
        /// How many of them are allowed.
        public var allowed: Int
    }

    /// A release that is not tried again here.
    public struct Ban: Sendable, Hashable {
        public var version: String
        public var digest: String
        public var reason: String
        /// Seconds since 1970.
        public var time: Int64
    }

    /// What the next launch runs; nil for the directory shipped with the app, or nothing.
    public var active: Entry?
    /// Where rolling back leads.
    public var previous: Entry?
    /// What the next launch activates.
    public var pending: Entry?
    public var trial: Trial?
    public var banned: [Ban]
    public var generations: [Entry]
    public var channel: String
}

extension Updater {
    /// What the store holds and has decided. Reads one small file and takes no lock.
    public func status() throws(UpdateError) -> StoreStatus {
        let state = try UpdateError.translating { try store.state() }
        return StoreStatus(
            active: entry(state.activeGeneration), previous: entry(state.previous), pending: entry(state.generation(state.pending)),
            trial: trial(of: state),
            banned: state.bans.map { StoreStatus.Ban(version: $0.version, digest: "\($0.digest)", reason: $0.reason, time: $0.time) },
            generations: state.generations.compactMap(entry), channel: configuration.channel)
    }

    private func trial(of state: StoreState) -> StoreStatus.Trial? {
        guard let trial = state.trial, let active = state.active else { return nil }
        return StoreStatus.Trial(
            generation: active, openStarts: trial.starts.count, endedStarts: store.endedStarts(of: trial), crashes: trial.crashes,
            allowed: configuration.trialStarts)
    }

    private func entry(_ generation: Generation?) -> StoreStatus.Entry? {
        generation.map { generation in
            StoreStatus.Entry(
                generation: generation.number, release: Release(generation.release), isConfirmed: generation.confirmed != nil,
                path: store.path(of: generation.number).string, files: generation.files, size: generation.size, written: generation.written)
        }
    }
}
