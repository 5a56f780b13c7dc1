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
    /// Whether the program outruns what is prepared first.
    private let isOutrun: Bool
    private let preparations = Mutex(0)

    init(_ engine: String, journal: Journal, failing: String? = nil, isOutrun: Bool = false) {
        self.engine = engine
        self.journal = journal
        self.failing = failing
        self.isOutrun = isOutrun
    }

    func prepare(_ update: ReloadUpdate) throws -> any PreparedReload {
        try step("prepare \(update.modules.map(\.name).joined(separator: ","))", key: "prepare")
        let number = preparations.withLock { number in
            number += 1
            return number
        }
        return Part(engine: self, isOutrun: isOutrun && number == 1)
    }

    fileprivate func step(_ entry: String, key: String) throws {
        journal.note("\(engine) \(entry)")
        if failing == key { throw StepFailed(step: "\(engine) \(key)") }
    }

    private final class Part: PreparedReload {
        let engine: FakeEngine
        let isOutrun: Bool

        init(engine: FakeEngine, isOutrun: Bool) { (self.engine, self.isOutrun) = (engine, isOutrun) }

        var outlook: ReloadReport {
            var report = ReloadReport()
            report.log = ["\(engine.engine) would"]
            report.heapPasses = 1
            return report
        }

        func isOutdated() throws -> Bool {
            if engine.failing == "look" { throw StepFailed(step: "\(engine.engine) look") }
            return isOutrun
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
            report.heapPasses = 1
            return report
        }
    }
}
