internal import InstarDisk
internal import InstarManifest
internal import InstarStore
internal import StoreSamples
internal import SystemPackage

/// An operation of the matrix: what is there before, and what is then done under fire.
struct Operation: Sendable {
    /// One change of the store that is whole or not there at all.
    typealias Step = @Sendable (Store) throws -> Void

    let name: String
    let prepare: Step
    let steps: [Step]
    /// False where it goes on after a change of the state, as a collection does, and may fail then.
    let isOneChange: Bool
    /// True where processes that are gone had begun the release.
    var judgesStarts: Bool { name == "launch that counts a crash" || name == "launch that bans" }
    /// The sample that the next run installs; it has to succeed whatever happened before.
    var next = 2
    /// Paths that are not as published before, and may still be so after; `mend` puts them right.
    var damaged: Set<String> = []
    var mend: Step?
    /// Whatever else has to be so afterwards.
    var promise: Step?
    /// True where every hard link is refused, as on a file system that has none.
    var refusesLinks = false

    init(
        _ name: String, on prepare: @escaping Step, does steps: Step..., isOneChange: Bool = true, next: Int = 2,
        damaged: Set<String> = [], mend: Step? = nil, promise: Step? = nil, refusesLinks: Bool = false
    ) {
        self.name = name
        self.prepare = prepare
        self.steps = steps
        self.isOneChange = isOneChange && steps.count == 1
        self.next = next
        self.damaged = damaged
        self.mend = mend
        self.promise = promise
        self.refusesLinks = refusesLinks
    }

    /// Every release that an operation installs, made once.
    static let samples: [SampleRelease] = (try? [.first(), .second(), .numbered(3)]) ?? []

    static func sample(_ number: Int) -> SampleRelease { samples[number - 1] }

    /// The store as `prepare` leaves it has to be whole, but for what is damaged on purpose.
    func check(_ store: FilePath) -> StoreCheck { StoreCheck(store, releases: Self.samples, tolerating: damaged) }
}

/// Runs `body` with the writer's lock.
func writing<Result>(_ store: Store, _ body: (borrowing WriterLock) throws -> Result) throws -> Result {
    switch try store.lock() {
    case .busy(let holder): throw SampleUpdate.Busy(holder: holder)
    case .acquired(let lock): return try body(lock)
    }
}

// What is there before.
extension Operation {
    static func empty(_ store: Store) {}

    /// 1.0 works.
    static func confirmed(_ store: Store) throws { try install(1, store) }

    /// 1.0 works, 2.0 is on trial.
    static func onTrial(_ store: Store) throws {
        try install(1, store)
        try SampleUpdate.install(sample(2), in: store)
    }

    /// 2.0 was there and 1.0 is active again.
    static func wentBack(_ store: Store) throws {
        try install(1, store)
        try install(2, store)
        try store.rollback(to: 1)
    }

    static func install(_ number: Int, _ store: Store) throws {
        try SampleUpdate.install(sample(number), in: store)
        try store.confirm()
    }

    static func threeConfirmed(_ store: Store) throws {
        for number in [1, 2, 3] { try install(number, store) }
    }

    /// 1.0 is active, 2.0 waits for a launch.
    static func deferred(_ store: Store) throws {
        try wentBack(store)
        try store.activateAtNextLaunch(2)
    }

    /// 2.0 failed to load.
    static func rejected(_ store: Store) throws {
        try onTrial(store)
        try store.reject(sample(2).identity, reason: "raised while loading")
    }

    /// 2.0 is staged as far as its fifth piece.
    static func interrupted(_ store: Store) throws {
        try install(1, store)
        try writing(store) { lock in
            var work = SampleUpdate.Work()
            _ = try SampleUpdate.stage(sample(2), in: store, stoppingAfter: 5, work: &work, holding: lock)
        }
    }

    /// Stages a release to the seal and hands it on.
    static func stage(
        _ number: Int, _ store: Store, then end: (consuming StagedGeneration, borrowing WriterLock) throws -> Void
    ) throws {
        try writing(store) { lock in
            var work = SampleUpdate.Work()
            guard let staged = try SampleUpdate.stage(sample(number), in: store, work: &work, holding: lock) else { return }
            try end(staged, lock)
        }
    }

    /// 1.0 works, and lies there with every kind of damage.
    static func damage(_ store: Store) throws {
        try install(1, store)
        let tree = try Directory.open(store.path(of: 1))
        let data = try tree.directory("data")
        try data.setPermissions(0o644, of: "big.bin")
        try data.file("big.bin", .readWrite).write([1, 2, 3], at: 25_000)
        try data.setPermissions(0o444, of: "big.bin")
        try data.remove("latest")
        try data.makeSymbolicLink("latest", to: "same.bin")
        try tree.remove("main.py")
        _ = try tree.directory(creating: "main.py").write([1, 2, 3], toNew: "slot", permissions: 0o600)
        try tree.removeTree("tree")
        try tree.setPermissions(0o666, of: "Readme")
    }

    /// I12: what a player put where a repair needs the place is there, or moved aside.
    static func keepsSlot(_ store: Store) throws {
        let aside = (try? Directory.open(store.path.appending("rescued")).entries().map(\.name)) ?? []
        let places = [store.path(of: 1)] + aside.map { store.path.appending("rescued").appending($0) }
        guard places.contains(where: { (try? DurableFile.read($0.appending("main.py/slot"), limit: 100)) == [1, 2, 3] }) else {
            throw StoreCheck.Broken(description: "I12: the player's main.py/slot is lost")
        }
    }

    static let damagedPaths: Set<String> = ["data/big.bin", "data/latest", "main.py", "main.py/slot", "tree/leaf", "Readme"]

    /// Three releases worked; a player put a file into the first and changed another there.
    static func modded(_ store: Store) throws {
        try install(1, store)
        let tree = try Directory.open(store.path(of: 1))
        _ = try tree.directory("saves").write([1, 2, 3], toNew: "slot", permissions: 0o600)
        try tree.setPermissions(0o644, of: "Readme")
        try tree.file("Readme", .readWrite).write(modification, at: 0)
        for number in [2, 3] { try install(number, store) }
    }

    static let modification = Array("changed by a player".utf8)

    /// I12: what the player made is where it was, or rescued.
    static func keepsFiles(_ store: Store) throws {
        for (path, content) in [("saves/slot", [1, 2, 3]), ("Readme", modification)] {
            let places = [store.path(of: 1), store.path.appending("rescued/1")].map { $0.pushing(FilePath(path)) }
            guard places.contains(where: { (try? DurableFile.read($0, limit: 100))?.starts(with: content) == true }) else {
                throw StoreCheck.Broken(description: "I12: the player's \(path) is lost")
            }
        }
    }
}
