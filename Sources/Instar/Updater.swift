internal import InstarCryptography
internal import InstarDisk
internal import InstarManifest
internal import InstarPlan
internal import InstarStore
internal import InstarThreads
internal import InstarTransfer
internal import InstarTrust
internal import SystemPackage

/// Keeps one store up to date with one repository, and says what to run.
///
///     let updater = try Updater(UpdaterConfiguration(store: "store", urls: ["https://updates.example.com"], pinnedRoot: "root.json"))
///     let launch = try updater.launch()                   // at once, offline
///     startGame(in: launch.path)
///     _ = try await updater.update { event in show(event) }
///     try updater.confirm(launch)                         // this release works
///
/// Whatever fails, the store names the last good version. `LiveUpdater` updates a game while it runs.
public final class Updater: Sendable {
    /// This version of Instar, as releases may require it of their host.
    public static let version = "0.1.0"

    public let configuration: UpdaterConfiguration
    let store: Store

    /// Opens the store, made where there is none.
    ///
    /// - Throws: `unsafeStore` for one that is not safe to use, `disk` where it cannot be made.
    public init(_ configuration: UpdaterConfiguration) throws(UpdateError) {
        self.configuration = configuration
        guard ReleaseVersion.isValid(configuration.channel) else {
            throw UpdateError(.invalidRequest, "\(configuration.channel) is no name for a channel: use letters, digits, '.', '_' and '-'")
        }
        store = try UpdateError.translating { try Store.open(at: FilePath(configuration.store)) }
    }

    /// Client launch: finishes or undoes what the last run left, gives up a release that crashed too often, and hands
    /// back what to run. Never waits for the network or for another process; takes milliseconds.
    public func launch() throws(UpdateError) -> Launch {
        let shipped = configuration.shippedDirectory.map { FilePath($0) }
        let crashes = configuration.trialStarts
        return try UpdateError.translating { try Launch(try store.launch(shipped: shipped, crashes: crashes)) }
    }

    /// Says that the launched release works, so that it is kept. Cheap when it was said before.
    public func confirm(_ launch: Launch) throws(UpdateError) {
        guard let generation = launch.generation else { return }
        try confirm(generation: generation)
    }

    /// Says that a generation works; without a number, the active one.
    public func confirm(generation: UInt64? = nil) throws(UpdateError) {
        try UpdateError.translating {
            let state = try store.state()
            // A file that would not change is not locked, written or synced.
            if state.trial != nil || state.generation(generation ?? state.active)?.confirmed == nil { try store.confirm(generation) }
        }
    }

    /// Says that this process's run of a release on trial ends as it should: no crash, however soon.
    public func recordCleanExit() throws(UpdateError) {
        try UpdateError.translating { try store.recordCleanExit() }
    }

    /// Goes back to a kept generation; without a number, to where falling back leads. Offline.
    ///
    /// - Parameter reason: bans the release that is left, for this reason; without one it may come back.
    public func rollback(to generation: UInt64? = nil, banning reason: String? = nil) throws(UpdateError) {
        try UpdateError.translating { _ = try store.rollback(to: generation, banning: reason) }
    }

    /// Bans a release that does not work; where it is active, the one to fall back to is active again. Offline.
    public func reject(_ release: Release, reason: String) throws(UpdateError) {
        try UpdateError.translating {
            guard let digest = Digest(hexadecimal: release.digest) else { return }
            let identity = ReleaseIdentity(version: release.version, sequence: release.sequence, digest: digest)
            _ = try store.reject(identity, reason: reason)
        }
    }

    /// Lifts the ban of a release, named by the digest of its manifest in hexadecimal.
    public func unban(digest: String) throws(UpdateError) {
        guard let digest = Digest(hexadecimal: digest) else {
            throw UpdateError(.invalidRequest, "\(digest) is no digest: `status` lists the bans")
        }
        try UpdateError.translating { _ = try store.unban(digest) }
    }

    /// Asks what the channel points to. Two small requests where nothing is new.
    public func check() async throws(UpdateError) -> CheckOutcome {
        try await onThread { walk in
            let offer = try walk.readChannel(now: Updater.now)
            let release = Release(offer.release)
            switch try self.decision(on: offer) {
            case .upToDate: return .upToDate(release)
            case .present, .fetch: return .available(release)
            case .held(let reason): return .held(release, reason)
            }
        }
    }

    /// What an update would cost, with nothing staged; nil where there is nothing to do.
    public func planUpdate() async throws(UpdateError) -> UpdateCost? {
        try await onThread { walk in
            let offer = try walk.readChannel(now: Updater.now)
            guard case .fetch = try self.decision(on: offer) else { return nil }
            return try self.store.withWriter { lock in
                UpdateCost(try walk.plan(try walk.readManifest(offer, content: .refused), holding: lock).plan.cost)
            }
        }
    }

    /// Brings the store to the release that the channel points to. Cancelling the task stops the download; a later call
    /// goes on where it stopped.
    ///
    /// - Parameter observer: told of steps and progress, on any thread.
    public func update(
        _ extent: UpdateExtent = .activate, observer: @escaping @Sendable (UpdateEvent) -> Void = { _ in }
    ) async throws(UpdateError) -> UpdateOutcome {
        try await onThread(observer: observer) { walk in
            let outcome = try UpdateRun(walk: walk, store: self.store).run(extent, decide: self.decision)
            if case .activated(let report) = outcome { Telemetry.activated(report) }
            return outcome
        }
    }

    func decision(on offer: UpdateWalk.Offer) throws -> UpdateDecision {
        UpdateDecision(offer.channel, release: offer.release, state: try store.state(), host: try hostDescription())
    }

    private func hostDescription() throws -> HostDescription {
        HostDescription(
            versions: configuration.allHostVersions,
            installation: try configuration.installation ?? InstallationIdentity.read(in: store.path))
    }

    static var now: UTCTime { UTCTime(secondsSince1970: Clock.secondsSince1970) }

    /// Runs a walk on a thread of its own, with a transfer of its own that ends with the task.
    func onThread<Result: Sendable>(
        observer: @escaping @Sendable (UpdateEvent) -> Void = { _ in }, _ body: @escaping @Sendable (UpdateWalk) throws -> Result
    ) async throws(UpdateError) -> Result {
        let outing = try Outing(self, observer: observer)
        do {
            return try await withTaskCancellationHandler {
                try await Workers.run(name: "instar-update") { try outing.run(body) }
            } onCancel: {
                outing.cancel()
            }
        } catch { throw UpdateError(error) }
    }
}

/// One walk along the data path, with a transfer of its own.
struct Outing: Sendable {
    private let mirrors: MirrorMemory
    private let client: RepositoryClient
    private let walk: UpdateWalk

    init(_ updater: Updater, observer: @escaping @Sendable (UpdateEvent) -> Void = { _ in }) throws(UpdateError) {
        let mirrors = MirrorMemory(store: updater.store.path)
        self.mirrors = mirrors
        client = try UpdateError.translating {
            try RepositoryClient(updater.configuration, scores: mirrors.read()) { observer(.transfer($0)) }
        }
        walk = UpdateWalk(
            configuration: updater.configuration, store: updater.store, client: client, steps: UpdateSteps(observer: observer))
    }

    /// Blocks the calling thread until `body` is through.
    func run<Result>(_ body: (UpdateWalk) throws -> Result) throws(UpdateError) -> Result {
        defer { mirrors.write(client.transfer.scores) }
        do { return try body(walk) } catch {
            let error = UpdateError(error)
            Telemetry.failed(error)
            throw error
        }
    }

    /// Breaks off what is being transferred; what is asked for later is transferred all the same.
    func cancel() {
        walk.steps.cancellation.set()
        client.transfer.cancelAll()
    }

    /// Waits until the transfer's thread has ended.
    func end() { client.transfer.stop() }
}

extension Store {
    /// Runs `body` as the store's one writer.
    func withWriter<Result>(_ body: (borrowing WriterLock) throws -> Result) throws -> Result {
        switch try lock() {
        case .acquired(let lock): return try body(lock)
        case .busy(let holder):
            let who = holder.map { "process \($0)" } ?? "another process"
            throw UpdateError(.busy, "\(who) is writing the store \(path): try again when it is done")
        }
    }
}
