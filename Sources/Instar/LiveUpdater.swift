internal import InstarManifest
public import InstarReload
internal import InstarStore
internal import InstarThreads
internal import Synchronization
internal import SystemPackage

/// Updates a game while it runs: checks in the background, stages and prepares what is new, and puts it in place at the
/// game's safe point.
///
///     let live = try LiveUpdater(updater, launch: launch, engines: [python])
///     live.start()
///     while playing {
///         if let update = try live.poll() { show(update.release) }    // once a frame
///         game.step()
///     }
///     live.stop()
///
/// A release whose code fails while it is prepared, put in place, or in its hooks is undone, banned by its digest, and the
/// store is back on the previous generation. A release that needs a restart waits for the next launch.
public final class LiveUpdater: Sendable {
    /// What happens in the background, for logs and displays.
    public enum Event: Sendable {
        /// A check found nothing for this installation, or a release that is held back.
        case checked(CheckOutcome)
        /// A release is staged, prepared, and waits for `poll()`.
        case ready(Release)
        /// It runs.
        case applied(AppliedUpdate)
        /// Its code failed; everything is as before.
        case refused(Release, reason: String)
        /// It is staged and waits for the next launch; says why.
        case deferred(Release, reason: String)
        /// The way is broken, or this machine cannot; the next check tries again.
        case failed(UpdateError)
        /// The running release was confirmed.
        case confirmed(Release)
    }

    private let updater: Updater
    private let engines: [any ReloadEngine]
    private let onAssetsChanged: @Sendable ([String]) throws -> Void
    private let observer: @Sendable (Event) -> Void
    let state: Mutex<State>
    let checks = Mutex<BackgroundChecks?>(nil)

    struct State: ~Copyable {
        var running: RunningRelease
        var ready: ReadyUpdate?
        /// A release that waits for the next launch: looking for others until then would only pile them up.
        var deferred: Release?
        /// The generation from which the next update is prepared as far as it can be.
        var preparedFrom: UInt64?
        /// A check is under way: another one at the same time would prepare the same release twice.
        var isChecking = false
        /// What is being walked on, to be cancelled.
        var outing: Outing?
        /// No check may begin: the program is about to fork.
        var isHeld = false
        /// What a forked child was left with: letting go of its lease would take it from the parent.
        var inherited: RunningRelease?
    }

    /// - Parameters:
    ///   - engines: the engines whose modules can be replaced; a release that changes others is deferred.
    ///   - onAssetsChanged: called in the transaction, on the polling thread, after all code is in place and before the hooks,
    ///     with paths relative to the release; what it throws undoes the update.
    ///   - observer: told what happens, on any thread.
    public init(
        _ updater: Updater, launch: Launch, engines: [any ReloadEngine],
        onAssetsChanged: @escaping @Sendable ([String]) throws -> Void = { _ in },
        observer: @escaping @Sendable (Event) -> Void = { _ in }
    ) {
        self.updater = updater
        self.engines = engines
        self.onAssetsChanged = onAssetsChanged
        self.observer = observer
        state = Mutex(State(running: RunningRelease(launch: launch)))
    }

    /// The release that runs now; nil for the directory shipped with the app.
    public var release: Release? { state.withLock { $0.running.release } }

    /// The directory that the game reads now.
    public var path: String { state.withLock { $0.running.path } }

    /// Begins to check in the background, by the updater's schedule, the first time at once.
    public func start() {
        checks.withLock { checks in
            guard checks == nil, !updater.configuration.urls.isEmpty else { return }
            checks = BackgroundChecks(updater.configuration.schedule) { [weak self] in self?.check() }
        }
    }

    /// Ends the background checks. An update that was prepared and never polled for is taken back from the engines and stays
    /// in the store for the next launch.
    public func stop() {
        checks.withLock { checks in
            checks?.end()
            checks = nil
        }
        state.withLock { $0.outing }?.cancel()
        if let ready = state.withLock({ $0.ready.take() }) { ready.prepared.undo() }
    }

    /// As `stop()`, and waits until the background is through, for a process that is about to end: libraries that it uses
    /// are taken apart then. Downloads are cancelled at once; what cannot be is waited for up to `limit`.
    public func stop(waitingAtMost limit: Duration) async {
        stop()
        let end = ContinuousClock.now + limit
        while state.withLock({ $0.isChecking }), ContinuousClock.now < end {
            state.withLock { $0.outing }?.cancel()
            try? await Task.sleep(for: .milliseconds(5))
        }
        stop()
    }

    /// Checks now, and stages and prepares what is new; comes to nothing where a check is under way already. True unless
    /// the way was broken.
    @discardableResult
    public func cycle() async -> Bool {
        await withTaskCancellationHandler {
            await Workers.run(name: "instar-update") { self.check() == .reachable }
        } onCancel: {
            self.state.withLock { $0.outing }?.cancel()
        }
    }

    /// The safe point: puts a ready update in place. Cheap when there is none. Call it once a frame, on the thread that runs
    /// the game's code.
    ///
    /// - Returns: what was put in place; nil where nothing was ready, or where it failed and everything is as before.
    public func poll() throws(UpdateError) -> AppliedUpdate? {
        guard let ready = state.withLock({ $0.ready.take() }) else { return nil }
        let started = ContinuousClock.now
        let (release, target, assets) = (ready.release, ready.target, ready.assets)
        do {
            let report = try ready.prepared.commit { try onAssetsChanged(assets) }
            let applied = AppliedUpdate(release: release, from: self.release, report: report, pause: ContinuousClock.now - started)
            state.withLock { $0.running = target }
            Telemetry.applied(applied)
            observer(.applied(applied))
            return applied
        } catch {
            try refuse(release, error)
            return nil
        }
    }

    /// Says that the running release works. Cheap when it was said before.
    public func confirm() throws(UpdateError) {
        let (generation, wasConfirmed, release) = state.withLock { state in
            defer { state.running.isConfirmed = true }
            return (state.running.generation, state.running.isConfirmed, state.running.release)
        }
        guard !wasConfirmed, let generation else { return }
        try updater.confirm(generation: generation)
        if let release { observer(.confirmed(release)) }
    }

    // MARK: - In the background

    /// One check, to its end, on the calling thread.
    private func check() -> BackgroundChecks.Outcome {
        let obstacle: BackgroundChecks.Outcome? = state.withLock { state in
            guard !state.isHeld else { return .held }
            guard !state.isChecking, state.ready == nil, state.deferred == nil else { return .reachable }
            state.isChecking = true
            return nil
        }
        if let obstacle { return obstacle }
        defer { state.withLock { $0.isChecking = false } }
        do {
            try walk()
            return .reachable
        } catch {
            if error.kind == .cancelled, state.withLock({ $0.isHeld }) { return .held }
            observer(.failed(error))
            return .broken
        }
    }

    private func walk() throws(UpdateError) {
        let outing = try Outing(updater)
        state.withLock { $0.outing = outing }
        defer {
            state.withLock { $0.outing = nil }
            outing.end()
        }
        try outing.run { try self.advance($0) }
    }

    /// One walk along the data path, up to an update that waits for `poll()`.
    private func advance(_ walk: UpdateWalk) throws {
        let offer = try walk.readChannel(now: Updater.now)
        let release = Release(offer.release)
        switch try updater.decision(on: offer) {
        case .upToDate:
            observer(.checked(.upToDate(release)))
            prepareNextUpdate { walk.steps.cancellation.isSet }
        case .held(let reason): observer(.checked(.held(release, reason)))
        case .present, .fetch:
            observer(.checked(.available(release)))
            try updater.store.withWriter { lock in
                let manifest = try walk.readManifest(offer)
                let generation = try staged(manifest, walk, lock)
                try makeReady(generation, manifest, walk)
            }
        }
    }

    /// Nothing is new, which is the time to do a part of what the next update will do. What fails here, that will do.
    private func prepareNextUpdate(isCancelled: () -> Bool) {
        guard updater.configuration.preparesNextUpdate else { return }
        let confirmed = state.withLock { $0.running.isConfirmed ? $0.running.generation : nil }
        guard let confirmed, state.withLock({ $0.preparedFrom }) != confirmed else { return }
        guard let outcome = try? updater.store.prepare(isCancelled: isCancelled), outcome != .interrupted else { return }
        state.withLock { $0.preparedFrom = confirmed }
    }

    /// The release as a generation of the store, not yet active.
    private func staged(_ manifest: Manifest, _ walk: UpdateWalk, _ lock: borrowing WriterLock) throws -> Generation {
        if let present = try updater.store.state().generation(of: manifest.identity.digest) { return present }
        do {
            return try updater.store.adopt(try walk.stage(try walk.plan(manifest, holding: lock), holding: lock), holding: lock)
        } catch {
            if UpdateError(error).kind.makesStagingUseless { try? updater.store.discardUnfinished(holding: lock) }
            throw error
        }
    }

    /// Prepares the engines for a staged release, or leaves it for the next launch.
    private func makeReady(_ generation: Generation, _ manifest: Manifest, _ walk: UpdateWalk) throws {
        let release = Release(generation.release)
        let root = updater.store.path(of: generation.number)
        let changes = try changes(to: manifest, root: root, walk)
        if let reason = changes?.obstacle ?? (changes == nil ? "the game runs what was shipped with the app" : nil) {
            try updater.store.activateAtNextLaunch(generation.number)
            state.withLock { $0.deferred = release }
            return observer(.deferred(release, reason: reason))
        }
        guard let changes else { return }
        // On disk before any of the new code runs: code that kills the process is counted like a launch that crashed.
        try updater.store.activate(generation.number, isRunning: true)
        let target = RunningRelease(
            release: release, generation: generation.number, path: root.string, lease: HeldLease(try updater.store.lease(generation.number))
        )
        let update = ReloadUpdate(modules: changes.modules, oldRoot: FilePath(path), newRoot: root)
        do {
            let prepared = try ReloadTransaction(engines: engines).prepare(update)
            var ready: ReadyUpdate? = ReadyUpdate(release: release, target: target, assets: changes.assets, prepared: prepared)
            state.withLock { $0.ready = ready.take() }
            observer(.ready(release))
        } catch let error as CancellationError {
            throw error  // the game ends: no fault of the release
        } catch { try refuse(release, error) }
    }

    /// What the running game has to change; nil where nothing is known of what it runs.
    private func changes(to manifest: Manifest, root: FilePath, _ walk: UpdateWalk) throws -> ReleaseChanges? {
        let store = updater.store
        guard let running = state.withLock({ $0.running.generation }), let generation = try store.state().generation(running) else {
            return nil
        }
        guard let bytes = try store.manifests.content(generation.release.digest), let old = try? Manifest(decoding: bytes) else {
            return nil
        }
        let packs = updater.configuration.packs
        return try ReleaseChanges(
            from: old, to: manifest, pages: store.pages, engines: Set(engines.map(\.engine)), root: root,
            isInstalled: { $0.isInstalled(with: packs) })
    }

    /// Bans a release whose code failed; the store goes back to the previous generation.
    private func refuse(_ release: Release, _ error: any Error) throws(UpdateError) {
        let reason = "\(error)"
        try updater.reject(release, reason: "could not be loaded: \(reason)")
        Telemetry.refused(release, reason: reason)
        observer(.refused(release, reason: reason))
    }
}
