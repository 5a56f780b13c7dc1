internal import InstarDisk
internal import InstarManifest
internal import InstarStore
internal import StoreSamples
internal import SystemPackage

extension Operation {
    /// Everything that a store does.
    static let all = updates + decisions + launches + keeping

    private static let updates = [
        Operation("first update", on: empty, does: { try SampleUpdate.install(sample(1), in: $0) }, next: 1),
        Operation("update", on: confirmed, does: { try SampleUpdate.install(sample(2), in: $0) }),
        Operation("update without links", on: confirmed, does: { try SampleUpdate.install(sample(2), in: $0) }, refusesLinks: true),
        Operation("update resumed", on: interrupted, does: { try SampleUpdate.install(sample(2), in: $0) }),
        Operation("update in place of another", on: interrupted, does: { try SampleUpdate.install(sample(3), in: $0) }, next: 3),
        Operation("update after a cut adoption", on: cutAdoption, does: { try SampleUpdate.install(sample(2), in: $0) }),
        Operation("update in a prepared tree", on: prepared, does: { try SampleUpdate.install(sample(2), in: $0) }),
        Operation(
            "update only staged", on: confirmed,
            does: { store in try stage(2, store) { staged, lock in _ = try store.adopt(staged, holding: lock) } }),
        Operation(
            "update deferred", on: confirmed,
            does: { store in try stage(2, store) { staged, lock in _ = try store.activateAtNextLaunch(staged, holding: lock) } }),
        Operation("update discarded", on: interrupted, does: { store in try writing(store) { try store.discardUnfinished(holding: $0) } }),
    ]

    private static let decisions = [
        Operation("activate", on: wentBack, does: { try $0.activate(2) }),
        Operation("defer", on: wentBack, does: { try $0.activateAtNextLaunch(2) }),
        Operation("confirm", on: onTrial, does: { try $0.confirm() }),
        Operation("rollback", on: onTrial, does: { try $0.rollback() }),
        Operation("rollback with a ban", on: onTrial, does: { try $0.rollback(to: 1, banning: "is ugly") }, next: 3),
        Operation("reject", on: onTrial, does: { try $0.reject(sample(2).identity, reason: "raised while loading") }, next: 3),
        Operation("unban", on: rejected, does: { try $0.unban(sample(2).identity.digest) }, next: 3),
    ]

    private static let launches = [
        Operation("launch", on: onTrial, does: { try launch($0) }),
        Operation("launch of a proven release", on: confirmed, does: { try launch($0) }),
        Operation("launch that counts a crash", on: { try crashed($0, times: 1) }, does: { try launch($0) }),
        Operation("launch that bans", on: { try crashed($0, times: 3) }, does: { try launch($0) }, next: 3),
        Operation("launch beside a running game", on: running, does: { try launch($0) }),
        Operation("launch that activates", on: deferred, does: { try launch($0) }),
        Operation("launch and quit", on: onTrial, does: { try launch($0) }, { try $0.recordCleanExit() }),
    ]

    private static let keeping = [
        Operation("verify", on: confirmed, does: { _ = try $0.verify(1, width: 1) }),
        Operation(
            "repair", on: damage, does: { try SampleRepair.run(1, of: sample(1), in: $0) }, damaged: damagedPaths,
            mend: { try SampleRepair.run(1, of: sample(1), in: $0) }, promise: keepsSlot),
        Operation("collect", on: threeConfirmed, does: { try collect($0) }, isOneChange: false, next: 3),
        Operation(
            "collect what a player changed", on: modded, does: { try collect($0) }, isOneChange: false, next: 3,
            damaged: ["saves/slot", "Readme"], promise: keepsFiles),
        Operation("prepare", on: confirmed, does: { _ = try $0.prepare() }),
        Operation("lock after a cut collection", on: cutCollection, does: { try writing($0) { _ in } }, next: 3),
    ]

    private static func launch(_ store: Store) throws { _ = try store.launch(shipped: "/shipped") }

    private static func collect(_ store: Store) throws {
        try writing(store) { _ = try store.collect(keeping: 2, holding: $0) }
    }

    /// 1.0 works, and the next staging has its files in place.
    private static func prepared(_ store: Store) throws {
        try confirmed(store)
        guard case .prepared = try store.prepare() else { throw StoreCheck.Broken(description: "nothing was prepared") }
    }

    /// 2.0 is on trial and this very process runs it.
    private static func running(_ store: Store) throws {
        try onTrial(store)
        try launch(store)
    }

    /// 2.0 is on trial and that many processes that ran it are gone.
    private static func crashed(_ store: Store, times: Int) throws {
        try onTrial(store)
        let path = store.path
        for _ in 0..<times {
            let outcome = try Isolated.run { try launch(try Store.open(at: path)) }
            guard outcome.ending == .exit(0) else {
                throw StoreCheck.Broken(description: "a launch that was to crash did not come about")
            }
        }
    }

    /// 2.0 is sealed and both its renames are done, but no state lists it.
    private static func cutAdoption(_ store: Store) throws {
        try install(1, store)
        try stage(2, store) { staged, _ in
            let making = try Directory.open(store.path.appending("staging/\(staged.release.digest)"))
            let generations = try Directory.open(store.path.appending("generations"))
            try making.rename("inventory", to: "2.inventory", in: generations)
            try making.rename("tree", to: "2", in: generations)
        }
    }

    /// Generation 1 is no longer listed, and its deletion has begun.
    private static func cutCollection(_ store: Store) throws {
        let path = store.path
        try threeConfirmed(store)
        // The calls of a collection after that of its state, until one finds the state without generation 1.
        for call in 1... {
            _ = try Isolated.run(Fault(.kill, call: call)) { try collect(try Store.open(at: path)) }
            if try store.state().generation(1) == nil { break }
        }
        try Directory.open(store.path(of: 1)).removeTree("data")
    }
}
