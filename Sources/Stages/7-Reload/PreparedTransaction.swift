/// An update that every engine has prepared: ready to be put in place at the program's next safe point, or undone.
///
/// It is used up by `commit` or `undo`, on whichever thread the engines allow.
///
/// `@unchecked Sendable`: the parts are reachable through this value alone, and there is never more than one of it, so
/// two threads cannot use them at once.
public struct PreparedTransaction: ~Copyable, @unchecked Sendable {
    private let parts: [any PreparedReload]
    private let update: ReloadUpdate
    private let transaction: ReloadTransaction

    init(_ parts: [any PreparedReload], of update: ReloadUpdate, by transaction: ReloadTransaction) {
        (self.parts, self.update, self.transaction) = (parts, update, transaction)
    }

    /// What `commit` is going to do.
    public var outlook: ReloadReport { parts.reduce(into: ReloadReport()) { $0.merge($1.outlook) } }

    /// Puts all code in place, calls the hooks, and answers what was done. On any error everything is as before.
    ///
    /// Where the program has outrun what was prepared, that is undone and prepared again first: a longer pause, once in a while.
    ///
    /// - Parameter beforeHooks: runs once all code is in place; the place to announce changed assets. What it throws undoes
    ///   the update as well.
    public consuming func commit(beforeHooks: () throws -> Void = {}) throws -> ReloadReport {
        guard try areOutdated() else { return try commitParts(beforeHooks) }
        let (transaction, update, passes) = (transaction, update, outlook.heapPasses)
        undo()
        var report = try transaction.prepare(update).commitParts(beforeHooks)
        report.heapPasses += passes
        return report
    }

    private func areOutdated() throws -> Bool {
        do { return try parts.contains { try $0.isOutdated() } } catch {
            takeBack()
            throw error
        }
    }

    private func commitParts(_ beforeHooks: () throws -> Void) throws -> ReloadReport {
        do {
            for part in parts { try part.commit() }
            try beforeHooks()
            for part in parts { try part.runHooks() }
        } catch {
            takeBack()
            throw error
        }
        return parts.reduce(into: ReloadReport()) { $0.merge($1.finish()) }
    }

    /// Lets go of everything that was prepared: the program has noticed nothing.
    public consuming func undo() { takeBack() }

    private func takeBack() {
        for part in parts.reversed() { part.undo() }
    }
}
