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
//     instar-store STORE update 2 | confirm | launch | quit | rollback | collect | repair 1 | reject 2 | bench 100000
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

/// Mends every file of the active generation that is not as it should be.
func repair(_ store: Store, _ release: SampleRelease) throws -> Int32 {
    switch try store.lock() {
    case .busy: return 75
    case .acquired(let lock):
        guard let active = try store.state().active else { return 1 }
        let wanted = try store.verify(active, against: release.entries, width: 1).needingContent
        let repair = try store.repair(active, release.entries.filter { wanted.contains($0.path.description) }, width: 1, holding: lock)
        do {
            for chunk in repair.missing {
                let entry = repair.entries[Int(chunk.file)]
                let start = Int(chunk.fileOffset)
                let bytes = release.bytes(of: entry.path.description)[start..<(start + Int(entry.chunks[chunk.chunk].size))]
                try repair.write(Array(bytes), chunk)
            }
            try repair.commit(holding: lock)
        } catch {
            repair.cancel()
            throw error
        }
        return 0
    }
}

func run(_ arguments: [String]) throws -> Int32 {
    let store = try Store.open(at: FilePath(arguments[1]))
    let number = arguments.count > 3 ? Int(arguments[3]) ?? 0 : 0
    switch arguments[2] {
    case "update":
        do { try SampleUpdate.install(sample(number), in: store) } catch is SampleUpdate.Busy { return 75 }
    case "confirm": try store.confirm()
    case "launch":
        let decision = try store.launch(shipped: "/shipped")
        print(decision.generation?.number ?? 0, decision.isTrial ? "trial" : "proven")
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
    case "repair": return try repair(store, sample(number))
    default: return 64
    }
    return 0
}

do { exit(try run(CommandLine.arguments)) } catch {
    print("\(error)")
    exit(1)
}
