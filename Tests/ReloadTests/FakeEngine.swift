import InstarReload
import Synchronization

/// What happened, in order, over all engines of a test.
final class Journal: Sendable {
    private let entries = Mutex<[String]>([])

    var all: [String] { entries.withLock { $0 } }
    func note(_ entry: String) { entries.withLock { $0.append(entry) } }
}

struct StepFailed: Error, Equatable {
    var step: String
}

/// An engine that writes down what is asked of it, and fails where it is told to.
final class FakeEngine: ReloadEngine {
    let engine: String
    private let journal: Journal
    private let failing: String?

    init(_ engine: String, journal: Journal, failing: String? = nil) {
        self.engine = engine
        self.journal = journal
        self.failing = failing
    }

    func prepare(_ update: ReloadUpdate) throws -> any PreparedReload {
        try step("prepare \(update.modules.map(\.name).joined(separator: ","))", key: "prepare")
        return Part(engine: self)
    }

    fileprivate func step(_ entry: String, key: String) throws {
        journal.note("\(engine) \(entry)")
        if failing == key { throw StepFailed(step: "\(engine) \(key)") }
    }

    private final class Part: PreparedReload {
        let engine: FakeEngine

        init(engine: FakeEngine) { self.engine = engine }

        var outlook: ReloadReport {
            var report = ReloadReport()
            report.log = ["\(engine.engine) would"]
            return report
        }

        func commit() throws { try engine.step("commit", key: "commit") }
        func runHooks() throws { try engine.step("hooks", key: "hooks") }
        func undo() { engine.journal.note("\(engine.engine) undo") }

        func finish() -> ReloadReport {
            engine.journal.note("\(engine.engine) finish")
            var report = ReloadReport()
            report.modules = [ModuleReport(name: engine.engine)]
            report.log = ["\(engine.engine) did"]
            report.commitSeconds = 0.25
            return report
        }
    }
}
