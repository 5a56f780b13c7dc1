internal import InstarThreads

/// Memory to work in, made when it is first needed and used again by whoever comes next: a few places for many threads.
final class Workspaces<Workspace>: Sendable {
    private struct Places {
        var idle: [Workspace] = []
        var made = 0
    }

    /// How many may be in use at once.
    private let most: Int
    private let make: @Sendable () throws -> Workspace
    private let places = Monitor(Places())

    init(atMost most: Int, make: @escaping @Sendable () throws -> Workspace) {
        (self.most, self.make) = (max(1, most), make)
    }

    /// Runs `body` in a workspace that nobody else uses, after waiting for one.
    func withOne<Result>(_ body: (Workspace) throws -> Result) throws -> Result {
        let idle = places.wait(
            until: { !$0.idle.isEmpty || $0.made < most },
            then: { places in
                if places.idle.isEmpty { places.made += 1 }
                return places.idle.popLast()
            })
        var made = idle
        defer { places.withLock { places in if let made { places.idle.append(made) } else { places.made -= 1 } } }
        let workspace = try idle ?? make()
        made = workspace
        return try body(workspace)
    }
}
