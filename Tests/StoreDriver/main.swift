#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif
internal import InstarManifest
internal import InstarStore
internal import StoreSamples
internal import SystemPackage

// One operation on one store in a process of its own, so that it can be killed, starved or recorded from outside.
//
//     instar-store STORE update 2 | update-syncing 2 4096 | confirm | launch | quit | rollback | collect | play | devour | hold | prepare |
//                       repair 1 | repair-syncing 1 4096 | reject 2 | unban 2 | activate 2 | defer 2 | bench 100000 |
//                       bench-update 100000 | bench-large 8
//
// Exit status: 0 done, 75 busy, 1 refused with a message.

/// `1` and `2` are the fixed samples, other numbers the small ones.
func sample(_ number: Int) throws -> SampleRelease {
    switch number {
    case 1: try .first()
    case 2: try .second()
    default: try .numbered(number)
    }
}

/// As where much is written: the disk is asked for what was written after each so many bytes.
func syncing(after bytes: String, _ options: StagingOptions = StagingOptions()) -> StagingOptions {
    var options = options
    options.syncStep = UInt64(bytes) ?? options.syncStep
    return options
}

/// Tells whoever started this process how far it is, at once.
func say(_ number: UInt64) {
    _ = try? FileDescriptor.standardOutput.writeAll(Array("\(number)\n".utf8))
}

func waitForever() -> Int32 {
    while true { pause() }
}

/// The number of the generation that holds a sample.
func generation(of number: Int, in store: Store) throws -> UInt64 {
    let release = try sample(number).identity
    guard let found = try store.state().generation(of: release.digest) else { throw StoreCheck.Broken(description: "no \(release) here") }
    return found.number
}

func run(_ arguments: [String]) throws -> Int32 {
    let store = try Store.open(at: FilePath(arguments[1]))
    let number = arguments.count > 3 ? Int(arguments[3]) ?? 0 : 0
    switch arguments[2] {
    case "update":
        do { try SampleUpdate.install(sample(number), in: store) } catch is SampleUpdate.Busy { return 75 }
    case "update-syncing":
        let options = StagingOptions(base: try store.state().active)
        try SampleUpdate.install(sample(number), in: store, options: syncing(after: arguments[4], options))
    case "confirm": try store.confirm()
    case "launch":
        let decision = try store.launch(shipped: "/shipped")
        print(decision.generation?.number ?? 0, decision.isTrial ? "trial" : "proven")
    case "play":
        // Runs what it launched until somebody ends it.
        let decision = try store.launch(shipped: "/shipped")
        say(decision.generation?.number ?? 0)
        return withExtendedLifetime(decision) { waitForever() }
    case "devour":
        // Takes memory until the kernel ends it, or half a gigabyte is taken.
        _ = try store.launch(shipped: "/shipped")
        var taken: [[UInt8]] = []
        while taken.count < 512 { taken.append([UInt8](repeating: UInt8(taken.count & 255), count: 1 << 20)) }
        print(taken.count)
    case "prepare": print(try store.prepare())
    case "hold":
        switch try store.lock() {
        case .busy: return 75
        case .acquired(let lock):
            say(0)
            let status = waitForever()
            withExtendedLifetime(lock) {}
            return status
        }
    case "quit":
        _ = try store.launch(shipped: "/shipped")
        try store.recordCleanExit()
    case "rollback": try store.rollback()
    case "reject": try store.reject(sample(number).identity, reason: "was rejected by a test")
    case "collect":
        switch try store.lock() {
        case .busy: return 75
        case .acquired(let lock): _ = try store.collect(keeping: number, holding: lock)
        }
    case "bench": try Benchmark(store: store, files: number).run()
    case "bench-update": try Benchmark(store: store, files: number).runUpdate()
    case "bench-large": try Benchmark(store: store, files: number).runLarge()
    case "repair":
        guard let active = try store.state().active else { return 1 }
        do { try SampleRepair.run(active, of: sample(number), in: store) } catch is SampleUpdate.Busy { return 75 }
    case "repair-syncing":
        guard let active = try store.state().active else { return 1 }
        try SampleRepair.run(active, of: sample(number), in: store, options: syncing(after: arguments[4]))
    case "unban": try store.unban(sample(number).identity.digest)
    case "activate": try store.activate(generation(of: number, in: store))
    case "defer": try store.activateAtNextLaunch(generation(of: number, in: store))
    default: return 64
    }
    return 0
}

do { exit(try run(CommandLine.arguments)) } catch {
    print("\(error)")
    exit(1)
}
