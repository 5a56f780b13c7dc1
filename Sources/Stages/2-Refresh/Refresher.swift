internal import InstarDisk
package import InstarTrust
package import SystemPackage

/// Brings the local trusted metadata up to date with a repository: the client workflow of The Update Framework,
/// specification 1.0, §5.
///
///     let refresher = Refresher(folder: store.appending("trust"), source: source, pinnedRoot: bytes)
///     let repository = try refresher.refresh(now: time)           // two requests if nothing is new
///     let target = try repository.target("channels/stable.json")
package struct Refresher<Source: MetadataSource> {
    package let folder: TrustFolder
    private let pinnedRoot: [UInt8]?
    private let source: Source

    /// A refresher over a folder. `pinnedRoot` is the root that came with the game: it begins a folder that has
    /// none yet, and repairs one that lost its own. It never replaces a newer stored one.
    package init(folder: FilePath, source: Source, pinnedRoot: [UInt8]? = nil) {
        self.folder = TrustFolder(folder)
        self.source = source
        self.pinnedRoot = pinnedRoot
    }

    /// How often a refresh begins anew because another process stored newer metadata in the middle of it.
    private static var retries: Int { 3 }

    /// One refresh at a fixed time: the repository's top-level metadata, all of it verified.
    package func refresh(now: UTCTime) throws(RefreshError) -> TrustedRepository<Source> {
        for _ in 0..<Refresher.retries {
            do throws(RefreshError) { return try walk(now: now) } catch {
                // Another process was faster: what it stored is where to go on.
                guard case .superseded = error else { throw explained(error) }
            }
        }
        do throws(RefreshError) { return try walk(now: now) } catch { throw explained(error) }
    }

    private func walk(now: UTCTime) throws(RefreshError) -> TrustedRepository<Source> {
        let update = RootUpdate(folder: folder, pinned: pinnedRoot)
        let stored = try update.stored()
        let newest = try update.newest(after: stored) { name, limit throws(RefreshError) in try fetch(name, limit: limit) }
        // §5.3.10
        let root = try trust { () throws(TrustError) in try newest.current(at: now) }
        // §5.3.11
        if folder.isRotationPending(at: newest.root.version) { try disk { () throws(DiskError) in try folder.removeOnlineRoles() } }
        let timestamp = try updateTimestamp(root)
        let snapshot = try updateSnapshot(timestamp.value, root)
        let repository = TrustedRepository(folder: folder, source: source, root: root, snapshot: snapshot.value)
        let isNew = try repository.loadTargets()
        repository.hasChanged = isNew || snapshot.isNew || timestamp.isNew || newest.root.version != stored.root.version
        return repository
    }

    /// §5.4
    private func updateTimestamp(_ root: Current<TrustedRoot>) throws(RefreshError) -> (value: Current<TrustedTimestamp>, isNew: Bool) {
        let stored = folder.read("timestamp", limit: MetadataLimit.timestamp).flatMap { try? TrustedTimestamp($0, under: root) }
        // §5.4.1
        guard let bytes = try fetch("timestamp.json", limit: MetadataLimit.timestamp) else { throw .missing("timestamp.json") }
        // §5.4.2 and §5.4.3
        let newest = try trust { () throws(TrustError) in
            if let stored { try stored.replaced(by: bytes, under: root) } else { try TrustedTimestamp(bytes, under: root) }
        }
        // §5.4.4
        let current = try trust { () throws(TrustError) in try newest.current(at: root.now) }
        guard newest.version != stored?.version else { return (current, false) }
        // §5.4.5
        try folder.store(newest.bytes, of: "timestamp") { other in
            (try? TrustedTimestamp(other, under: root)).map { $0.version > newest.version } ?? false
        }
        return (current, true)
    }

    /// §5.5
    private func updateSnapshot(
        _ timestamp: Current<TrustedTimestamp>, _ root: Current<TrustedRoot>
    ) throws(RefreshError) -> (value: Current<TrustedSnapshot>, isNew: Bool) {
        let stored = folder.read("snapshot", limit: MetadataLimit.snapshot).flatMap { try? TrustedSnapshot(stored: $0, under: root) }
        if let current = try? stored?.current(listedIn: timestamp) { return (current, false) }
        // §5.5.1
        let record = timestamp.metadata.snapshot
        let name = root.metadata.root.consistentSnapshot ? "\(record.version).snapshot.json" : "snapshot.json"
        guard let bytes = try fetch(name, limit: record.limit(for: .snapshot)) else { throw .missing(name) }
        // §5.5.2 to §5.5.6
        let newest = try trust { () throws(TrustError) in try TrustedSnapshot(bytes, listedIn: timestamp, under: root, replacing: stored) }
        let current = try trust { () throws(TrustError) in try newest.current(listedIn: timestamp) }
        // §5.5.7
        try folder.store(bytes, of: "snapshot") { other in
            (try? TrustedSnapshot(stored: other, under: root)).map { $0.version > newest.version } ?? false
        }
        return (current, true)
    }

    private func fetch(_ name: String, limit: Int) throws(RefreshError) -> [UInt8]? {
        try source.bytes(of: name, limit: limit)
    }

    /// If something seems expired but was not by the server's clock, says so: two different things are to be done.
    private func explained(_ error: RefreshError) -> RefreshError {
        guard case .untrusted(let cause) = error, case .expired(let expiry, _) = cause.reason, let serverTime = source.serverTime,
            serverTime < expiry
        else { return error }
        return .wrongClock(cause, serverTime: serverTime)
    }
}

extension MetadataSource {
    /// A file's bytes; nil if the server has none.
    func bytes(of name: String, limit: Int) throws(RefreshError) -> [UInt8]? {
        switch fetch(name, limit: limit) {
        case .bytes(let bytes) where bytes.count <= limit: return bytes
        case .bytes, .tooLarge: throw .untrusted(TrustError(.tooLarge, name, "the server sent more than \(limit) bytes"))
        case .missing: return nil
        case .failure(let reason): throw .unreachable(name, reason: reason)
        }
    }
}

/// Runs a verification; its verdict becomes the reason why the refresh ends.
func trust<Value>(_ body: () throws(TrustError) -> Value) throws(RefreshError) -> Value {
    do throws(TrustError) { return try body() } catch { throw .untrusted(error) }
}

/// Runs a step on the local folder.
func disk(_ body: () throws(DiskError) -> Void) throws(RefreshError) {
    do throws(DiskError) { try body() } catch { throw .disk(error) }
}
