import InstarDisk
import InstarStore
import StoreSamples
import SystemPackage
import TestSupport
import Testing

/// The file `state` is lost, damaged or an old one.
struct RebuildingTests {
    /// A store with two generations of different releases, both confirmed.
    private func twoGenerations() throws -> TestStore {
        let test = try TestStore()
        try test.install(firstRelease())
        try test.store.confirm()
        try test.install(secondRelease())
        try test.store.confirm()
        return test
    }

    private func rebuilt(_ test: TestStore) throws -> RebuildReport {
        guard case .rebuilt(let report) = try test.store.rebuildState() else { throw SampleUpdate.Busy(holder: nil) }
        return report
    }

    @Test(arguments: ["missing", "damaged", "cut off", "old"])
    func `whole generations are listed again, the newest active and on trial`(_ flaw: String) throws {
        let test = try twoGenerations()
        let root = try Directory.open(test.store.path)
        switch flaw {
        case "missing": try root.remove("state")
        case "damaged": try overwrite(test.store.path.appending("state"), at: 90, with: [0])
        case "cut off": try root.replace("state", with: Array(#"{"check""#.utf8))
        // A backup from before anything was installed.
        default: try root.replace("state", with: StoreState().encoded())
        }
        // Until then nobody takes the generations for garbage.
        #expect(throws: StoreError.self) { _ = try test.store.lock() }
        #expect(try test.names(in: "generations") == ["1", "1.inventory", "2", "2.inventory"])
        let report = try rebuilt(test)
        #expect(report.listed.map(\.number) == [1, 2] && report.refused == [])
        let state = try test.store.state()
        #expect(state.active == 2 && state.trial != nil && state.next == 3 && state.previous?.number == 1)
        #expect(state.generations.allSatisfy { $0.confirmed == nil })
        try test.expectIntact(#require(state.activeGeneration), secondRelease())
        #expect(try test.store.launch().generation?.number == 2)
        #expect(try test.store.rebuildState() == .notNeeded)
        // The store goes on as any other.
        try test.store.confirm()
        let third = try SampleRelease("3.0", ["a": .file([1])])
        try test.expectIntact(test.install(third), third)
    }

    @Test func `I1: a generation that is not whole is not listed, and what is good of it is used again`() throws {
        let test = try twoGenerations()
        try overwrite(test.store.path(of: 2).appending("data/big.bin"), at: 3, with: [7, 7])
        _ = try Directory.open(test.store.path(of: 2).appending("saves")).write([1, 2], toNew: "slot", permissions: 0o600)
        try Directory.open(test.store.path).remove("state")
        let report = try rebuilt(test)
        #expect(report.listed.map(\.number) == [1] && report.refused.map(\.generation) == [2])
        #expect(try test.store.state().active == 1 && test.store.state().next == 3)
        // I12: what a player put there is not lost.
        #expect(try DurableFile.read(test.store.path.appending("rescued/2/saves/slot"), limit: 10) == [1, 2])
        var work = SampleUpdate.Work()
        let generation = try SampleUpdate.install(secondRelease(), in: test.store, work: &work)
        #expect(generation.number == 3 && work.held > 0)
        try test.expectIntact(generation, secondRelease())
    }

    @Test func `a generation whose inventory is lost is not listed`() throws {
        let test = try twoGenerations()
        try Directory.open(test.store.path.appending("generations")).remove("1.inventory")
        try Directory.open(test.store.path).remove("state")
        #expect(try rebuilt(test).listed.map(\.number) == [2])
        try test.writing { _ in }
        // Nobody can tell what in it was whose: all of it is kept aside.
        #expect(try Directory.open(test.store.path.appending("rescued")).entries().count == 1)
    }

    @Test func `a number that was in use once is not used again`() throws {
        let test = try twoGenerations()
        let root = try Directory.open(test.store.path)
        _ = try root.directory(creating: "rescued").directory(creating: "9")
        try root.remove("state")
        _ = try rebuilt(test)
        #expect(try test.store.state().next == 10)
    }

    @Test func `a store that was never used, or whose state can be read, is left alone`() throws {
        let test = try TestStore()
        #expect(try test.store.rebuildState() == .notNeeded)
        try test.install(firstRelease())
        let before = try test.store.state()
        #expect(try test.store.rebuildState() == .notNeeded)
        #expect(try test.store.state() == before)
        let outcome = try test.writing { _ in try test.store.rebuildState() }
        #expect(outcome == .busy)
    }
}
