import InstarCryptography
import InstarManifest
import InstarStore
import StoreSamples
import Testing

/// The transitions as a pure value: no disk.
struct StoreStateTests {
    private let machine = MachineState(boot: "boot-1", memoryKills: 0)

    private func release(_ number: UInt8) -> ReleaseIdentity {
        ReleaseIdentity(version: "\(number).0", sequence: UInt64(number), digest: Digest(of: [number]))
    }

    /// Generations 1 … count; all but the last confirmed, the last active on trial.
    private func state(generations count: UInt8) throws -> StoreState {
        var state = StoreState()
        for number in 1...count {
            state = try state.adopting(release(number), files: 1, size: 1, written: 1).activating(UInt64(number))
            if number < count { state = try state.confirming(UInt64(number)) }
        }
        return state
    }

    private func start(_ id: Int32, boot: String = "boot-1", kills: UInt64 = 0) -> Start {
        Start(process: ProcessIdentity(id: id, started: UInt64(id) * 10, boot: boot), time: 0, memoryKills: kills)
    }

    private func crashed(_ state: StoreState, times: Int, limit: Int = 3) -> StoreState {
        (0..<times).reduce(state) { state, id in
            state.beginning(start(Int32(id))).counting(limit: limit, time: 0) { $0.outcome(on: machine) { _ in false } }
        }
    }

    @Test func `a new generation is on trial and falls back to the confirmed one`() throws {
        let state = try state(generations: 3)
        #expect(state.active == 3)
        #expect(state.trial == StoreState.Trial())
        #expect(state.previous?.number == 2)
        #expect(state.isConsistent)
    }

    @Test func `I4: the third crash bans the release and makes the previous one active`() throws {
        let state = try state(generations: 2)
        let twice = crashed(state, times: 2)
        #expect(twice.active == 2 && twice.trial?.crashes == 2 && twice.bans.isEmpty)
        let thrice = crashed(state, times: 3)
        #expect(thrice.active == 1)
        #expect(thrice.trial == nil)
        #expect(thrice.ban(of: release(2).digest)?.version == "2.0")
        #expect(throws: StateError.self) { try thrice.activating(2) }
        #expect(throws: StateError.self) { try thrice.deferring(2) }
        #expect(throws: StateError.self) { try thrice.adopting(release(2), files: 0, size: 0, written: 0) }
        #expect(thrice.isConsistent)
    }

    @Test func `without an earlier generation the shipped directory is the last resort`() throws {
        let state = crashed(try state(generations: 1), times: 3)
        #expect(state.active == nil && state.trial == nil && state.previous == nil)
    }

    @Test func `an unproven earlier generation is tried again before the shipped directory`() throws {
        var state = StoreState()
        for number in 1...2 { state = try state.adopting(release(UInt8(number)), files: 0, size: 0, written: 0).activating(UInt64(number)) }
        state = crashed(state, times: 3)
        #expect(state.active == 1)
        #expect(state.trial == StoreState.Trial())
    }

    @Test func `what is not a crash is not counted`() throws {
        let before = try state(generations: 2)
        let begun = before.beginning(start(5))
        let other = MachineState(boot: "boot-2", memoryKills: 0)
        let starved = MachineState(boot: "boot-1", memoryKills: 1)
        let cases: [(String, StoreState)] = [
            ("the player quit", begun.ending(start(5).process).counting(limit: 1, time: 0) { $0.outcome(on: machine) { _ in false } }),
            ("the machine restarted", begun.counting(limit: 1, time: 0) { $0.outcome(on: other) { _ in false } }),
            ("memory ran out", begun.counting(limit: 1, time: 0) { $0.outcome(on: starved) { _ in false } }),
        ]
        for (name, state) in cases {
            #expect(state.active == 2 && state.trial == StoreState.Trial(), "\(name)")
        }
        let running = begun.counting(limit: 1, time: 0) { $0.outcome(on: machine) { _ in true } }
        #expect(running == begun, "a second process while the first one runs")
    }

    @Test func `a process id that something else has by now is no longer the start's process`() throws {
        let begun = try state(generations: 2).beginning(start(5))
        let reused = ProcessIdentity(id: 5, started: 999, boot: "boot-1")
        let counted = begun.counting(limit: 1, time: 0) { $0.outcome(on: machine) { $0 == reused } }
        #expect(counted.active == 1)
    }

    @Test func `confirming ends the trial and forgets the crashes`() throws {
        let state = try crashed(try state(generations: 2), times: 2).confirming(2)
        #expect(state.trial == nil)
        #expect(state.activeGeneration?.confirmed == 2)
        #expect(crashed(state, times: 5).active == 2)
        #expect(throws: StateError.notActive(1)) { try state.confirming(1) }
    }

    @Test func `a rejected release that waits for a launch no longer does`() throws {
        let state = try state(generations: 2).confirming(2).adopting(release(3), files: 0, size: 0, written: 0).deferring(3)
        #expect(state.pending == 3 && state.active == 2)
        let rejected = state.rejecting(release(3), reason: "raised while loading", time: 0)
        #expect(rejected.pending == nil && rejected.active == 2)
        #expect(rejected.rejecting(release(3), reason: "again", time: 1) == rejected)
    }

    @Test func `rolling back goes to any kept generation, and bans only when asked`() throws {
        let state = try state(generations: 3).confirming(3)
        let back = try state.rollingBack(to: nil, banning: nil, time: 0)
        #expect(back.active == 2 && back.trial == nil && back.bans.isEmpty)
        #expect(try state.rollingBack(to: 1, banning: nil, time: 0).active == 1)
        #expect(try state.rollingBack(to: 1, banning: "is ugly", time: 0).ban(of: release(3).digest)?.reason == "is ugly")
        #expect(throws: StateError.alreadyActive(3)) { try state.rollingBack(to: 3, banning: nil, time: 0) }
        #expect(throws: StateError.noSuchGeneration(9)) { try state.rollingBack(to: 9, banning: nil, time: 0) }
        #expect(throws: StateError.nothingEarlier) { try self.state(generations: 1).rollingBack(to: nil, banning: nil, time: 0) }
    }

    @Test func `an unbanned release starts again without crashes`() throws {
        let banned = crashed(try state(generations: 2), times: 3)
        let state = try banned.unbanning(release(2).digest).activating(2)
        #expect(state.trial == StoreState.Trial())
        #expect(throws: StateError.notBanned(release(1).digest)) { try banned.unbanning(release(1).digest) }
    }

    @Test func `the same version with other bytes is another release`() throws {
        let banned = crashed(try state(generations: 2), times: 3)
        let again = ReleaseIdentity(version: "2.0", sequence: 9, digest: Digest(of: [99]))
        #expect(try banned.adopting(again, files: 0, size: 0, written: 0).activating(3).active == 3)
    }

    @Test func `I9: the active generation, the one to fall back to and the one that waits are not collectable`() throws {
        let state = try state(generations: 6).adopting(release(7), files: 0, size: 0, written: 0).deferring(7)
        #expect(state.collectable(keeping: 0).map(\.number) == [1, 2, 3, 4])
        #expect(state.collectable(keeping: 5).map(\.number) == [1, 2])
        #expect(state.collectable(keeping: 50).isEmpty)
        #expect(throws: StateError.inUse(6)) { try state.collecting([6]) }
        #expect(throws: StateError.inUse(7)) { try state.collecting([1, 7]) }
        let rejected = state.rejecting(release(2), reason: "", time: 0)
        #expect(rejected.collectable(keeping: 50).map(\.number) == [2])
    }

    @Test func `I6: numbers are never used twice`() throws {
        let state = try state(generations: 3).confirming(3).collecting([1, 2])
        #expect(try state.adopting(release(8), files: 0, size: 0, written: 0).generations.map(\.number) == [3, 4])
    }

    @Test func `a generation whose tree is gone is not listed, and another one is active`() throws {
        let state = try state(generations: 3).losing(3)
        #expect(state.active == 2 && state.trial == nil && state.isConsistent)
    }

    @Test func `bans stay within their limit, the newest are kept`() throws {
        var state = StoreState()
        for number in 0..<1100 {
            let digest = Digest(of: Array("\(number)".utf8))
            state = state.rejecting(ReleaseIdentity(version: "\(number)", sequence: 0, digest: digest), reason: "", time: 0)
        }
        #expect(state.bans.count == 1000)
        #expect(state.bans.last?.version == "1099")
    }

    @Test func `what is encoded is read again`() throws {
        var state = try state(generations: 3).adopting(release(4), files: 7, size: .max, written: 9).deferring(4)
        state = state.beginning(start(77)).rejecting(release(1), reason: "says \"no\" /\u{1F600}\n", time: -1)
        #expect(try StoreState(encoded: state.encoded()) == state)
        #expect(try StoreState(encoded: StoreState().encoded()) == StoreState())
    }

    @Test func `a state with any byte changed or cut off is refused`() throws {
        let bytes = try state(generations: 2).encoded()
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 0x01
            #expect(throws: StoreError.self, "byte \(index)") { _ = try StoreState(encoded: changed) }
            #expect(throws: StoreError.self, "cut at \(index)") { _ = try StoreState(encoded: Array(bytes[..<index])) }
        }
    }

    @Test func `a state that contradicts itself is refused even with a right digest`() throws {
        var state = try state(generations: 2)
        state.active = 9
        #expect(throws: StoreError.self) { _ = try StoreState(encoded: state.encoded()) }
        state = try self.state(generations: 2)
        state.trial = nil
        #expect(throws: StoreError.self) { _ = try StoreState(encoded: state.encoded()) }
        state = try self.state(generations: 2)
        state.next = 2
        #expect(throws: StoreError.self) { _ = try StoreState(encoded: state.encoded()) }
    }

    @Test func `every sequence of transitions keeps the state consistent`() throws {
        let seed = UInt64.random(in: .min ... .max)
        var random = SeededGenerator(seed: seed)
        var state = StoreState()
        for step in 0..<3000 {
            let number = UInt64.random(in: 0...12, using: &random)
            let some = release(UInt8(number))
            switch Int.random(in: 0..<11, using: &random) {
            case 0: state = (try? state.adopting(some, files: 1, size: 1, written: 1)) ?? state
            case 1: state = (try? state.activating(number)) ?? state
            case 2: state = (try? state.deferring(number)) ?? state
            case 3: state = (try? state.confirming(number)) ?? state
            case 4: state = state.rejecting(some, reason: "random", time: 0)
            case 5: state = (try? state.rollingBack(to: Bool.random(using: &random) ? number : nil, banning: "x", time: 0)) ?? state
            case 6: state = (try? state.unbanning(some.digest)) ?? state
            case 7: state = (try? state.collecting(Set(state.collectable(keeping: 2).map(\.number)))) ?? state
            case 8: state = state.beginning(start(Int32(number)))
            case 9: state = crashed(state, times: 1)
            default: state = state.losing(number)
            }
            #expect(state.isConsistent, "seed \(seed), step \(step)")
            #expect(try StoreState(encoded: state.encoded()) == state, "seed \(seed), step \(step)")
        }
    }
}
