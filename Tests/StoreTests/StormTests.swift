import InstarDisk
import InstarManifest
import InstarStore
import InstarThreads
import StoreSamples
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// Many real processes on one store, and long runs by chance against a model.
struct StormTests {
    private static let releases: [SampleRelease] = (try? (3...9).map(SampleRelease.numbered)) ?? []

    @Test func `I1, I9, I10: two hundred updates, launches, rollbacks and collections at once leave a whole store`() throws {
        let test = try TestStore(inMemory: true)
        try test.install(Self.releases[0])
        try test.store.confirm()
        let operations = [
            ["update"], ["launch"], ["quit"], ["confirm"], ["rollback"], ["collect", "2"], ["update"], ["launch"], ["reject", "4"],
            ["unban", "4"],
        ]
        let seed = UInt64.random(in: .min ... .max)
        let random = Mutex(SeededGenerator(seed: seed))
        let endings = Mutex<[String: Int]>([:])
        try Workers.forEach(count: 200, width: 6) { index in
            var operation = random.withLock { operations.randomElement(using: &$0) } ?? ["launch"]
            if operation == ["update"] { operation.append("\(random.withLock { Int.random(in: 3...9, using: &$0) })") }
            let output = test.folder.path.appending("output-\(index)")
            let ending = try Driver.run(test.store.path, operation, output: output)
            let text = String(decoding: try DurableFile.read(output, limit: 1 << 16), as: UTF8.self)
            endings.withLock { $0["\(operation[0]) \(ending)", default: 0] += 1 }
            let refusals = ["no earlier generation", "is the active one already", "is banned here", "is not the active one"]
            if ending == .exit(1), !refusals.contains(where: text.contains) { Issue.record("seed \(seed): \(operation): \(text)") }
            if case .signal = ending { Issue.record("seed \(seed): \(operation) ended with \(ending): \(text)") }
            try read(test.store, seed)
        }
        print("storm: \(endings.withLock { $0.sorted { $0.key < $1.key } }), seed \(seed)")
        let check = StoreCheck(test.store.path, releases: Self.releases)
        for ban in try check.complete().bans { try test.store.unban(ban.digest) }
        try check.converges(to: Self.releases[1])
    }

    /// A reader among the writers: while it holds a lease, the generation is complete and stays.
    private func read(_ store: Store, _ seed: UInt64) throws {
        guard let active = try store.state().active, let lease = try? store.lease(active) else { return }
        guard let generation = try store.state().generation(active),
            let release = Self.releases.first(where: { $0.identity == generation.release })
        else { return }
        let damages = try store.verify(lease.generation, against: release.entries, width: 1).damages
        if !damages.isEmpty { Issue.record("seed \(seed): generation \(active) while leased: \(damages)") }
        withExtendedLifetime(lease) {}
    }

    @Test func `long runs by chance, with faults by chance, agree with the pure state`() throws {
        let seed = UInt64.random(in: .min ... .max)
        // At first, since an error that is thrown does not name it.
        print("long run: seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let test = try TestStore(inMemory: true)
        let check = StoreCheck(test.store.path, releases: Self.releases)
        for step in 0..<(FaultMatrixTests.isExhaustive ? 1500 : 60) {
            let before = try test.store.state()
            let number = Int.random(in: 3...9, using: &random)
            let (operation, after) = transition(before, number, Int.random(in: 0..<10, using: &random))
            let kinds: [Driver.Fault.Kind] = [.kill, .torn, .error(.noSpace), .error(.ioError)]
            let isFaulted = Int.random(in: 0..<3, using: &random) == 0
            let fault =
                isFaulted ? Driver.Fault(kind: kinds.randomElement(using: &random)!, call: .random(in: 1...60, using: &random)) : nil
            try Driver.run(test.store.path, operation, fault: fault)
            let now = outline(try test.store.state())
            let expected = fault == nil ? [outline(after)] : [outline(before), outline(after)]
            if !expected.contains(now) {
                Issue.record("seed \(seed), step \(step): \(operation) \(fault?.description ?? ""): \(now), not \(expected)")
            }
            try #require(try check.complete().isConsistent, "seed \(seed), step \(step)")
        }
        for ban in try test.store.state().bans { try test.store.unban(ban.digest) }
        // What a cut off staging of another release left goes when the next one is staged; a release that is there already needs none.
        let state = try test.store.state()
        try check.converges(to: Self.releases.first { state.generation(of: $0.identity.digest) == nil } ?? Self.releases[0])
    }

    /// The operation of the driver, and what the pure transitions say of it.
    private func transition(_ state: StoreState, _ number: Int, _ choice: Int) -> (operation: [String], after: StoreState) {
        let release = Self.releases[number - 3].identity
        let listed = state.generation(of: release.digest)?.number
        switch choice {
        case 0, 1, 2:
            let adopted = listed == nil ? try? state.adopting(release, files: 0, size: 0, written: 0) : state
            return (["update", "\(number)"], (try? adopted?.activating(listed ?? state.next)) ?? state)
        case 3: return (["confirm"], state.active.flatMap { try? state.confirming($0) } ?? state)
        case 4: return (["rollback"], (try? state.rollingBack(to: nil, banning: nil, time: 0)) ?? state)
        case 5: return (["collect", "2"], (try? state.collecting(Set(state.collectable(keeping: 2).map(\.number)))) ?? state)
        case 6: return (["unban", "\(number)"], (try? state.unbanning(release.digest)) ?? state)
        case 7: return (["activate", "\(number)"], listed.flatMap { try? state.activating($0) } ?? state)
        case 8: return (["defer", "\(number)"], listed.flatMap { try? state.deferring($0) } ?? state)
        default: return (["reject", "\(number)"], state.rejecting(release, reason: "", time: 0))
        }
    }

    /// What of a state does not depend on times and sizes.
    private func outline(_ state: StoreState) -> String {
        let generations = state.generations.map { "\($0.number):\($0.release.version)\($0.confirmed == nil ? "" : "*")" }
        return
            "\(generations) active \(state.active ?? 0) pending \(state.pending ?? 0) trial \(state.trial != nil) banned \(state.bans.map(\.version)) next \(state.next)"
    }
}
