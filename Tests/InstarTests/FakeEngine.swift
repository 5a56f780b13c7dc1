import InstarReload
import Synchronization

/// An engine that notes what it is asked for and fails where it is told to.
final class FakeEngine: ReloadEngine {
    enum Fault: Sendable { case none, prepare, commit, hook }

    struct Log: Sendable {
        var updates: [ReloadUpdate] = []
        var steps: [String] = []
        var fault = Fault.none
    }

    struct Failure: Error, CustomStringConvertible { var description: String }

    let log = Mutex(Log())
    var engine: String { "python" }

    var steps: [String] { log.withLock { $0.steps } }
    var updates: [ReloadUpdate] { log.withLock { $0.updates } }

    func fail(in fault: Fault) { log.withLock { $0.fault = fault } }

    func prepare(_ update: ReloadUpdate) throws -> any PreparedReload {
        try note("prepare", .prepare)
        log.withLock { $0.updates.append(update) }
        return Prepared(engine: self)
    }

    fileprivate func note(_ step: String, _ fault: Fault?) throws {
        let fails = log.withLock { log in
            log.steps.append(step)
            return log.fault == fault
        }
        if fails { throw Failure(description: "\(step) failed") }
    }

    private final class Prepared: PreparedReload {
        let engine: FakeEngine
        init(engine: FakeEngine) { self.engine = engine }

        var outlook: ReloadReport { ReloadReport() }
        func commit() throws { try engine.note("commit", .commit) }
        func runHooks() throws { try engine.note("hooks", .hook) }
        func undo() { try? engine.note("undo", nil) }
        func finish() -> ReloadReport {
            try? engine.note("finish", nil)
            return ReloadReport()
        }
    }
}
