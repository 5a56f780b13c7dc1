package import Instar
package import InstarPython
internal import InstarReload

/// What a Python game reaches of the updater through `import instar`.
package final class GameServices: PythonHostServices {
    private let updater: Updater
    private let live: LiveUpdater

    package init(updater: Updater, live: LiveUpdater) {
        self.updater = updater
        self.live = live
    }

    /// Asks the repository, without staging anything.
    package func check() throws -> PythonValue {
        let updater = updater
        switch try PythonLock.released({ try waitFor { try await updater.check() } }) {
        case .upToDate(let release): return .object(["upToDate": .bool(true), "version": .string(release.version)])
        case .available(let release): return .object(["available": .bool(true), "version": .string(release.version)])
        case .held(let release, let reason): return .object(["held": .string("\(reason)"), "version": .string(release.version)])
        }
    }

    /// Checks, stages and prepares now, in place of waiting for the schedule; `poll()` then applies what is ready.
    package func update() throws -> PythonValue {
        let live = live
        let isReachable = try PythonLock.released { try waitFor { await live.cycle() } }
        return .bool(isReachable)
    }

    package func poll() throws -> PythonValue {
        guard let applied = try live.poll() else { return .null }
        return .object([
            "version": .string(applied.release.version), "from": applied.from.map { .string($0.version) } ?? .null,
            "path": .string(live.path), "pause": .number(applied.pause.inSeconds), "report": applied.report.value,
        ])
    }

    package func confirm() throws -> PythonValue {
        try live.confirm()
        return .null
    }

    /// Goes back for the next launch: the running code stays as it is.
    package func rollback() throws -> PythonValue {
        try PythonLock.released { try updater.rollback() }
        return .null
    }

    package func holdsStill() -> Bool { live.holdsStill() }
    package func goOn() { live.goOn() }
    package func leaveToParent() { live.leaveToParent() }

    package func status() throws -> PythonValue {
        var members = Dictionary(uniqueKeysWithValues: try updater.status().members.map { ($0.0, $0.1.pythonValue) })
        members["running"] =
            live.release.map { release in
                .object(["version": .string(release.version), "digest": .string(release.digest), "path": .string(live.path)])
            } ?? .null
        return .object(members)
    }
}

extension JSON {
    fileprivate var pythonValue: PythonValue {
        switch self {
        case .null: .null
        case .bool(let value): .bool(value)
        case .integer(let value): .integer(Int(value))
        case .number(let value): .number(value)
        case .string(let value): .string(value)
        case .array(let elements): .array(elements.map(\.pythonValue))
        case .object(let members): .object(Dictionary(members.map { ($0.0, $0.1.pythonValue) }, uniquingKeysWith: { $1 }))
        }
    }
}
