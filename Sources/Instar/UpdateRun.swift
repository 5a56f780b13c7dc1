internal import InstarManifest
internal import InstarPlan
internal import InstarStore
internal import InstarTransfer

/// One update from the first request to the last rename.
struct UpdateRun {
    let walk: UpdateWalk
    let store: Store

    func run(_ extent: UpdateExtent, decide: (UpdateWalk.Offer) throws -> UpdateDecision) throws -> UpdateOutcome {
        let started = ContinuousClock.now
        let before = try store.state().activeGeneration
        let offer = try walk.readChannel(now: Updater.now)
        let release = Release(offer.release)
        func report(_ generation: Generation, _ cost: UpdateCost?) -> UpdateReport {
            let statistics = walk.client.transfer.statistics
            return UpdateReport(
                from: before.map { Release($0.release) }, to: release, generation: generation.number, bytesDownloaded: statistics.bytes,
                bytesReused: cost.map { $0.bytesReused - min($0.bytesReused, walk.bytesMissed.value) } ?? generation.size,
                bytesWritten: cost?.bytesWritten ?? 0, requests: statistics.requests,
                requestsForSlowLine: statistics.sharingRequests,
                seconds: (ContinuousClock.now - started).inSeconds)
        }
        switch try decide(offer) {
        case .upToDate: return .upToDate(release)
        case .held(let reason): return .held(release, reason)
        case .present(let generation):
            if extent == .stage { return .staged(report(generation, nil)) }
            _ = try store.activate(generation.number)
            return .activated(report(generation, nil))
        case .fetch:
            let (generation, cost) = try stage(offer, extent)
            return extent == .stage ? .staged(report(generation, cost)) : .activated(report(generation, cost))
        }
    }

    /// Stages the release and makes it a generation.
    private func stage(_ offer: UpdateWalk.Offer, _ extent: UpdateExtent) throws -> (Generation, UpdateCost) {
        try store.withWriter { lock in
            do {
                let planned = try walk.plan(try walk.readManifest(offer), holding: lock)
                let cost = UpdateCost(planned.plan.cost)
                let staged = try walk.stage(consume planned, holding: lock)
                try walk.steps.begin(.activate)
                let generation = extent == .stage ? try store.adopt(staged, holding: lock) : try store.activate(staged, holding: lock)
                return (generation, cost)
            } catch {
                // What a broken way interrupted is gone on with; what a wrong repository sent is of no use.
                if UpdateError(error).kind.makesStagingUseless { try? store.discardUnfinished(holding: lock) }
                throw error
            }
        }
    }
}

extension UpdateError.Kind {
    /// True where going on later would bring the same, so that what was staged is of no use; a full disk needs its space back.
    var makesStagingUseless: Bool {
        switch self {
        case .untrusted, .expired, .rolledBack, .damaged, .unsafePath, .incompatible, .banned, .diskFull: true
        default: false
        }
    }
}
