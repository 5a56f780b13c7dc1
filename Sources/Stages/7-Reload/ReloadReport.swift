/// What an update did, or would do, to one module. Names are qualified within the module (`Player.hit`).
public struct ModuleReport: Hashable, Sendable {
    public var name: String
    /// Names that are new.
    public var added: [String] = []
    /// Code that was updated in place, so that its identity stays.
    public var updated: [String] = []
    /// Code whose object was exchanged for the new one.
    public var replaced: [String] = []
    /// Data, and things whose kind changed, that keep the old object.
    public var retained: [String] = []
    /// Names that are gone.
    public var removed: [String] = []

    public init(name: String) {
        self.name = name
    }
}

/// What an update of code did, or would do.
public struct ReloadReport: Hashable, Sendable {
    public var modules: [ModuleReport] = []
    /// Decisions in the order they were made: `[A]` added, `[U]` updated, `[RC]` replaced code, `[RD]` retained data.
    public var log: [String] = []
    /// Instances and modules whose hooks ran.
    public var hooks = 0
    /// How often all objects of the program were looked at, whatever for.
    public var heapPasses = 0
    /// Time to read, compile, execute aside and compare, while the program could go on; in seconds.
    public var prepareSeconds = 0.0
    /// Time the program stood still while code was put in place, without its hooks; in seconds.
    public var commitSeconds = 0.0
    /// Time spent in the hooks of the new code; in seconds.
    public var hookSeconds = 0.0

    public init() {}

    /// Adds another engine's part.
    public mutating func merge(_ other: ReloadReport) {
        modules += other.modules
        log += other.log
        hooks += other.hooks
        heapPasses += other.heapPasses
        prepareSeconds += other.prepareSeconds
        commitSeconds += other.commitSeconds
        hookSeconds += other.hookSeconds
    }

    /// How many names fall under each heading, in all modules.
    public var counts: [(heading: String, count: Int)] {
        [
            ("added", total(\.added)), ("updated", total(\.updated)), ("replaced", total(\.replaced)),
            ("retained", total(\.retained)), ("removed", total(\.removed)),
        ]
    }

    private func total(_ names: (ModuleReport) -> [String]) -> Int {
        modules.reduce(0) { $0 + names($1).count }
    }
}
