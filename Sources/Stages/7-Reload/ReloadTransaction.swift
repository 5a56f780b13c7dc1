/// One update of code over all engines: everything, or nothing at all.
///
/// Prepares every engine, then commits every one, then runs all hooks. On any error the parts are undone in reverse
/// order and the error is thrown on.
public struct ReloadTransaction {
    private let engines: [any ReloadEngine]

    public init(engines: [any ReloadEngine]) {
        self.engines = engines
    }

    /// Carries out `update` and answers what was done.
    ///
    /// - Parameter beforeHooks: see `PreparedTransaction.commit`.
    public func run(_ update: ReloadUpdate, beforeHooks: () throws -> Void = {}) throws -> ReloadReport {
        try prepare(update).commit(beforeHooks: beforeHooks)
    }

    /// Does all that can be done while the program goes on. On an error nothing is left behind.
    public func prepare(_ update: ReloadUpdate) throws -> PreparedTransaction {
        try refuseUnknownEngines(in: update)
        var begun: [any PreparedReload] = []
        do {
            for engine in engines { begun.append(try engine.prepare(update.part(for: engine.engine))) }
        } catch {
            for part in begun.reversed() { part.undo() }
            throw error
        }
        return PreparedTransaction(begun, of: update, by: self)
    }

    /// Prepares `update` and takes it back: what it would do, with nothing done.
    public func plan(_ update: ReloadUpdate) throws -> ReloadReport {
        let prepared = try prepare(update)
        let outlook = prepared.outlook
        prepared.undo()
        return outlook
    }

    private func refuseUnknownEngines(in update: ReloadUpdate) throws {
        for module in update.modules where !engines.contains(where: { $0.engine == module.engine }) {
            throw ReloadFailure(
                engine: module.engine, step: .read, module: module.name,
                reason: "no engine for \(module.engine) modules is present; restart the game to take the release")
        }
    }
}
