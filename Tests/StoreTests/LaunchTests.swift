import InstarDisk
import InstarManifest
import InstarStore
import StoreSamples
import SystemPackage
import TestSupport
import Testing

struct LaunchTests {
    @Test func `an empty store starts the shipped directory`() throws {
        let test = try TestStore()
        let decision = try test.store.launch(shipped: "/opt/game")
        #expect(decision.generation == nil)
        #expect(decision.path == "/opt/game")
        #expect(!decision.isTrial)
    }

    @Test func `I3: a start on trial is on disk before launch returns, and gone after a clean exit`() throws {
        let test = try TestStore()
        let generation = try test.install(firstRelease())
        let decision = try test.store.launch()
        #expect(decision.generation == generation)
        #expect(decision.path == test.store.path(of: generation.number))
        #expect(decision.isTrial)
        #expect(try test.store.state().trial?.starts.count == 1)
        try test.store.recordCleanExit()
        #expect(try test.store.state().trial?.starts == [])
    }

    @Test func `a confirmed generation is launched without writing anything`() throws {
        let test = try TestStore()
        try test.install(firstRelease())
        try test.store.confirm()
        let before = try status(of: test.store.path.appending("state"))
        let decision = try test.store.launch()
        #expect(!decision.isTrial)
        #expect(try status(of: test.store.path.appending("state")) == before)
    }

    @Test func `a generation that waits is activated by the launch`() throws {
        let test = try TestStore()
        try test.install(firstRelease())
        try test.store.confirm()
        let second = try secondRelease()
        try test.writing { lock in
            var work = SampleUpdate.Work()
            guard let staged = try SampleUpdate.stage(second, in: test.store, work: &work, holding: lock) else { return }
            _ = try test.store.activateAtNextLaunch(staged, holding: lock)
        }
        #expect(try test.store.state().active == 1)
        let decision = try test.store.launch()
        #expect(decision.generation?.release == second.identity)
        #expect(decision.isTrial)
    }

    @Test func `a generation whose folder was removed is not started`() throws {
        let test = try TestStore()
        let first = try test.install(firstRelease())
        try test.store.confirm()
        let second = try test.install(secondRelease())
        try Directory.open(test.store.path.appending("generations")).removeTree(String(second.number))
        let decision = try test.store.launch()
        #expect(decision.generation?.number == first.number)
        #expect(try test.store.state().generations.map(\.number) == [first.number])
    }

    @Test func `a launch does not wait for a writer`() throws {
        let test = try TestStore()
        try test.install(firstRelease())
        try test.writing { _ in
            let decision = try test.store.launch()
            #expect(decision.isTrial)
            #expect(try test.store.state().trial?.starts.count == 1)
        }
    }

    @Test func `I5: where the state stays locked, proven code is started and nothing is recorded`() throws {
        let test = try TestStore()
        let first = try test.install(firstRelease())
        try test.store.confirm()
        try test.install(secondRelease())
        let root = try Directory.open(test.store.path)
        let before = try test.store.state()
        switch try FileLock.attempt(.exclusive, "state.lock", in: root) {
        case .busy: Issue.record("the state is locked by nobody")
        case .acquired(let lock):
            let decision = try test.store.launch()
            #expect(decision.generation?.number == first.number)
            #expect(decision.warning == .stateBusy)
            #expect(!decision.isTrial)
            withExtendedLifetime(lock) {}
        }
        #expect(try test.store.state() == before)
    }

    @Test func `the kernel's word on a process is understood whatever its name`() throws {
        let own = try Machine.currentProcess(boot: "b")
        #expect(own.started > 0)
        #expect(Machine.isRunning(own))
        var earlier = own
        earlier.started -= 1
        #expect(!Machine.isRunning(earlier))
        #expect(try Machine.process(Int32.max, boot: "b") == nil)
        #expect(try !Machine.state().boot.isEmpty)
        let child = try ChildProcess("sleep", ["60"])
        let process = try #require(try Machine.process(child.identifier, boot: "b"))
        #expect(Machine.isRunning(process))
        child.signal(9)
        child.wait()
        #expect(!Machine.isRunning(process))
    }
}
