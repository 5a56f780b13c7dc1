/// An update of code that was refused or failed. The program runs on as it was before.
public struct ReloadFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// The step that failed.
    public enum Step: String, Hashable, Sendable, CaseIterable {
        case read, compile, execute, compare, commit, hook
    }

    /// The engine whose part failed: `python`.
    public var engine: String
    public var step: Step
    /// The module that it is about; empty where there is none.
    public var module: String
    /// What was wrong, in one line.
    public var reason: String
    /// The language's own account (a traceback with source lines); empty where there is none.
    public var trace: String

    public init(engine: String, step: Step, module: String = "", reason: String, trace: String = "") {
        self.engine = engine
        self.step = step
        self.module = module
        self.reason = reason
        self.trace = trace
    }

    public var description: String {
        let place = module.isEmpty ? "" : " \(module)"
        return "the update was refused and everything is as before: \(step)\(place): \(reason)"
    }
}
