/// One language's way to replace running code.
///
/// `prepare` does whatever can be done while the old program goes on: read, compile, execute aside, compare. What it
/// answers is a value of one use: it is committed once or undone, and then finished or undone.
public protocol ReloadEngine: AnyObject, Sendable {
    /// The name that modules of this engine carry in a release: `python`, `lua`, `native`.
    var engine: String { get }

    /// Readies `update` beside the running program, which notices nothing. On an error nothing is left behind.
    func prepare(_ update: ReloadUpdate) throws -> any PreparedReload
}

/// An engine's part of one update, ready to be put in place.
public protocol PreparedReload: AnyObject {
    /// What `commit` is going to do.
    var outlook: ReloadReport { get }
    /// Whether the program did something since that what was prepared does not cover: then it is undone and prepared again.
    func isOutdated() throws -> Bool
    /// Puts the new code in place. The only step that the game waits for, so it allocates and decides as little as it can.
    /// On an error the engine's own half is already taken back.
    func commit() throws
    /// Calls the hooks of the new code, after all code of all engines is in place.
    func runHooks() throws
    /// Takes everything back, before or after `commit` and after failing hooks: the program is as before.
    func undo()
    /// Lets go of the old code and says what was done.
    func finish() -> ReloadReport
}

extension PreparedReload {
    public func isOutdated() throws -> Bool { false }
}
