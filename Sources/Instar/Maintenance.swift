internal import InstarDownload
internal import InstarManifest
internal import InstarPlan
internal import InstarStore
internal import InstarThreads
internal import InstarTransfer

/// What is wrong with an installed file.
public struct Damage: Sendable, Hashable, CustomStringConvertible {
    /// `damaged`, `missing`, `foreign` (not of the release), `permissions`.
    public var kind: String
    /// Relative to the generation.
    public var path: String

    public var description: String { "\(kind): \(path)" }
}

/// What verifying the active generation found.
public struct VerifyOutcome: Sendable, Hashable {
    public var generation: UInt64
    public var files: UInt64
    /// Bytes that were hashed.
    public var bytes: UInt64
    public var damages: [Damage]
    /// True where every file of the release is as it should be; foreign files do not count.
    public var isIntact: Bool
}

/// What a repair did.
public struct RepairOutcome: Sendable, Hashable {
    /// Files that were put in place anew.
    public var repaired: UInt64
    public var bytesDownloaded: UInt64
    public var requests: UInt64
}

extension Updater {
    /// Reads and hashes every file of the active generation, on all processors. Changes nothing.
    ///
    /// - Parameter progress: called now and then, on any thread, with bytes done and in all.
    public func verify(progress: @escaping @Sendable (UInt64, UInt64) -> Void = { _, _ in }) async throws(UpdateError) -> VerifyOutcome {
        do {
            let store = store
            return try await Workers.run(name: "instar-verify") { () throws -> VerifyOutcome in
                guard let active = try store.state().activeGeneration else {
                    throw UpdateError(.nothingInstalled, "nothing is installed in \(store.path): run an update first")
                }
                let report = try store.verify(active.number) { progress($0, active.size) }
                return VerifyOutcome(
                    generation: active.number, files: report.paths, bytes: report.bytes,
                    damages: report.damages.map { Damage(kind: $0.kind.rawValue, path: $0.path) }, isIntact: report.isIntact)
            }
        } catch { throw UpdateError(error) }
    }

    /// Puts damaged and missing files of the active generation right, fetching only the chunks that are lost. Foreign files
    /// stay; files that a running game has open are replaced, never written.
    public func repair() async throws(UpdateError) -> RepairOutcome {
        try await onThread { walk in
            try self.store.withWriter { lock in
                guard let active = try self.store.state().activeGeneration else {
                    throw UpdateError(.nothingInstalled, "nothing is installed in \(self.store.path): run an update first")
                }
                return try RepairRun(walk: walk, store: self.store, generation: active).run(holding: lock)
            }
        }
    }

    /// Removes generations that nothing needs any more; answers their versions. Never one that is active, waits for a
    /// launch, is the one to fall back to, or is run by any process.
    public func collectGarbage(keeping: Int? = nil) async throws(UpdateError) -> [Release] {
        do {
            let (store, keeping) = (store, keeping ?? configuration.keptGenerations)
            return try await Workers.run(name: "instar-gc") { () throws -> [Release] in
                try store.withWriter { lock in try store.collect(keeping: keeping, holding: lock).removed.map { Release($0.release) } }
            }
        } catch { throw UpdateError(error) }
    }
}

/// One repair: what is damaged, which chunks are lost, and the way to get them.
private struct RepairRun {
    let walk: UpdateWalk
    let store: Store
    let generation: Generation

    func run(holding lock: borrowing WriterLock) throws -> RepairOutcome {
        let report = try store.verify(generation.number)
        var (damaged, permissions) = try entries(report)
        let others = Set(try store.repairPermissions(generation.number, permissions.map(\.file), holding: lock).map(\.path))
        damaged += permissions.filter { others.contains($0.file.path) }
        permissions.removeAll { others.contains($0.file.path) }
        guard !damaged.isEmpty else { return outcome(repaired: permissions.count) }
        let repair = try store.repair(generation.number, damaged.map(\.file), holding: lock)
        do {
            try fetch(repair, damaged)
            try repair.commit(holding: lock)
        } catch {
            repair.cancel()
            throw error
        }
        return outcome(repaired: damaged.count + permissions.count)
    }

    /// The release's entries for what is damaged, from the manifest that the store keeps.
    private func entries(_ report: VerifyReport) throws -> (damaged: [PlacedFile], permissions: [PlacedFile]) {
        let content = report.needingContent
        let permissions = Set(report.damages.filter { $0.kind == .permissions }.map(\.path))
        var found: (damaged: [PlacedFile], permissions: [PlacedFile]) = ([], [])
        guard !content.isEmpty || !permissions.isEmpty else { return found }
        var cursor = try manifest().pages(from: store.pages)
        while let page = try cursor.next() {
            for entry in page.files {
                if content.contains(entry.path.description) { found.damaged.append(PlacedFile(file: entry, frames: page.frames)) }
                if permissions.contains(entry.path.description) { found.permissions.append(PlacedFile(file: entry, frames: page.frames)) }
            }
        }
        return found
    }

    /// The manifest of the installed release with all its pages; what the store lost of it is fetched again, by digest.
    private func manifest() throws -> Manifest {
        guard let bytes = try store.manifests.content(generation.release.digest) else {
            throw UpdateError(.damaged, "the manifest of the installed release is lost: run an update, which installs it anew")
        }
        let manifest = try Manifest(decoding: bytes)
        try ReleasePages(store: store, transfer: walk.client.transfer).complete(manifest, observer: walk.steps.observer)
        return manifest
    }

    private func fetch(_ repair: Repair, _ damaged: [PlacedFile]) throws {
        var planner = FrameCollector()
        for (index, missing) in repair.missing.enumerated() {
            let placed = damaged[Int(missing.file)]
            let chunk = placed.file.chunks[missing.chunk]
            guard !chunk.isHole else { continue }
            planner.want(chunk, in: placed.frames[Int(chunk.frame)], tag: UInt32(index))
        }
        let (fetches, pieces) = planner.fetches()
        try unsafe Downloader(transfer: walk.client.transfer).fetch(fetches, pieces: pieces) { piece, bytes in
            unsafe try repair.write(bytes, repair.missing[Int(piece.file)])
        }
    }

    private func outcome(repaired: Int) -> RepairOutcome {
        let statistics = walk.client.transfer.statistics
        return RepairOutcome(repaired: UInt64(repaired), bytesDownloaded: statistics.bytes, requests: statistics.requests)
    }
}
