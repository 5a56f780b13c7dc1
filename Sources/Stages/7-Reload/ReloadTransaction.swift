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
    /// - Parameter beforeHooks: runs once all code is in place, before the hooks; the place to announce changed assets.
    ///   What it throws undoes the update as well.
    public func run(_ update: ReloadUpdate, beforeHooks: () throws -> Void = {}) throws -> ReloadReport {
        try refuseUnknownEngines(in: update)
        var begun: [any PreparedReload] = []
        do {
            for engine in engines { begun.append(try engine.prepare(update.part(for: engine.engine))) }
            for part in begun { try part.commit() }
            try beforeHooks()
            for part in begun { try part.runHooks() }
        } catch {
            for part in begun.reversed() { part.undo() }
            throw error
        }
        return begun.reduce(into: ReloadReport()) { $0.merge($1.finish()) }
    }

    /// Prepares `update` and takes it back: what it would do, with nothing done.
    public func plan(_ update: ReloadUpdate) throws -> ReloadReport {
        try refuseUnknownEngines(in: update)
        var begun: [any PreparedReload] = []
        defer { for part in begun.reversed() { part.undo() } }
        for engine in engines { begun.append(try engine.prepare(update.part(for: engine.engine))) }
        return begun.reduce(into: ReloadReport()) { $0.merge($1.outlook) }
    }

    private func refuseUnknownEngines(in update: ReloadUpdate) throws {
        for module in update.modules where !engines.contains(where: { $0.engine == module.engine }) {
            throw ReloadFailure(
                engine: module.engine, step: .read, module: module.name,
                reason: "no engine for \(module.engine) modules is present; restart the game to take the release")
        }
    }
}
