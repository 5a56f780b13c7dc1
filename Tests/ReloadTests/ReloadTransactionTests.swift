import InstarReload
import SystemPackage
import Testing

@Suite struct ReloadTransactionTests {
    private let update = ReloadUpdate(modules: [
        ReloadModule(engine: "a", name: "one", file: "/new/one"), ReloadModule(engine: "b", name: "two", file: nil),
        ReloadModule(engine: "a", name: "three", file: "/new/three"),
    ])

    private func run(failing: (engine: String, step: String)? = nil, beforeHooks: () throws -> Void = {}) throws -> (
        journal: [String], report: ReloadReport?
    ) {
        let journal = Journal()
        let engines = ["a", "b"].map { FakeEngine($0, journal: journal, failing: failing?.engine == $0 ? failing?.step : nil) }
        let transaction = ReloadTransaction(engines: engines)
        do {
            return try (journal.all, transaction.run(update, beforeHooks: beforeHooks))
        } catch let error as StepFailed {
            journal.note("failed \(error.step)")
            return (journal.all, nil)
        }
    }

    @Test func `every engine prepares its own modules, then all commit, then all run hooks`() throws {
        let journal = Journal()
        let transaction = ReloadTransaction(engines: [FakeEngine("a", journal: journal), FakeEngine("b", journal: journal)])
        _ = try transaction.run(update) { journal.note("assets") }
        #expect(
            journal.all == [
                "a prepare one,three", "b prepare two", "a commit", "b commit", "assets", "a hooks", "b hooks", "a finish", "b finish",
            ])
    }

    @Test func `a failing preparation undoes only what was prepared`() throws {
        #expect(try run(failing: ("b", "prepare")).journal == ["a prepare one,three", "b prepare two", "a undo", "failed b prepare"])
        #expect(try run(failing: ("a", "prepare")).journal == ["a prepare one,three", "failed a prepare"])
    }

    @Test(arguments: ["a", "b"]) func `a failing commit undoes all engines in reverse`(engine: String) throws {
        let journal = try run(failing: (engine, "commit")).journal
        #expect(journal.suffix(3) == ["b undo", "a undo", "failed \(engine) commit"])
        #expect(!journal.contains("a finish"))
        #expect(!journal.contains("a hooks"))
    }

    @Test(arguments: ["a", "b"]) func `a failing hook undoes all engines in reverse`(engine: String) throws {
        let journal = try run(failing: (engine, "hooks")).journal
        #expect(journal.suffix(3) == ["b undo", "a undo", "failed \(engine) hooks"])
        #expect(journal.contains("b commit"))
    }

    @Test func `what fails between code and hooks undoes the code`() throws {
        let journal = Journal()
        let transaction = ReloadTransaction(engines: [FakeEngine("a", journal: journal), FakeEngine("b", journal: journal)])
        #expect(throws: StepFailed(step: "assets")) { try transaction.run(update) { throw StepFailed(step: "assets") } }
        #expect(journal.all.suffix(2) == ["b undo", "a undo"])
    }

    @Test func `what the program has outrun is undone and prepared again before it is put in place`() throws {
        let journal = Journal()
        let engines = [FakeEngine("a", journal: journal), FakeEngine("b", journal: journal, isOutrun: true)]
        let report = try ReloadTransaction(engines: engines).run(update)
        #expect(journal.all.prefix(4) == ["a prepare one,three", "b prepare two", "b undo", "a undo"])
        #expect(journal.all.dropFirst(4).prefix(4) == ["a prepare one,three", "b prepare two", "a commit", "b commit"])
        // Two looks of each engine, the first of which was for nothing.
        #expect(report.heapPasses == 4)
    }

    @Test func `an engine that cannot tell whether it was outrun undoes all`() throws {
        let journal = try run(failing: ("b", "look")).journal
        #expect(journal == ["a prepare one,three", "b prepare two", "b undo", "a undo", "failed b look"])
    }

    @Test func `a plan prepares and takes back`() throws {
        let journal = Journal()
        let transaction = ReloadTransaction(engines: [FakeEngine("a", journal: journal), FakeEngine("b", journal: journal)])
        #expect(try transaction.plan(update).log == ["a would", "b would"])
        #expect(journal.all == ["a prepare one,three", "b prepare two", "b undo", "a undo"])
    }

    @Test func `a module without an engine is refused before anything is prepared`() throws {
        let journal = Journal()
        let transaction = ReloadTransaction(engines: [FakeEngine("a", journal: journal)])
        #expect(throws: ReloadFailure.self) { try transaction.run(update) }
        #expect(journal.all.isEmpty)
    }

    @Test func `reports of several engines add up`() throws {
        let report = try #require(try run().report)
        #expect(report.modules.map(\.name) == ["a", "b"])
        #expect(report.log == ["a did", "b did"])
        #expect(report.commitSeconds == 0.5)
    }

    @Test func `counts sum over modules`() {
        var report = ReloadReport()
        var (first, second) = (ModuleReport(name: "m"), ModuleReport(name: "n"))
        first.added = ["x", "y"]
        second.added = ["z"]
        second.removed = ["w"]
        report.modules = [first, second]
        #expect(report.counts.map(\.count) == [3, 0, 0, 0, 1])
    }

    @Test func `a failure names its step, module and reason`() {
        let failure = ReloadFailure(engine: "python", step: .execute, module: "game.actors", reason: "ValueError: no")
        #expect("\(failure)" == "the update was refused and everything is as before: execute game.actors: ValueError: no")
    }
}
