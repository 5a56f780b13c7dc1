internal import InstarHosting
internal import InstarPython
internal import InstarReload
internal import SystemPackage

/// What `import instar` offers under `instar dev`: with `--watch`, the safe point applies edits; there is no updater.
///
/// `@unchecked Sendable`: only called with the interpreter's lock held.
final class WatchedEdits: PythonHostServices, @unchecked Sendable {
    private let watch: DirectoryWatch?
    private unowned let module: InstarModule
    private let output: Output

    init(_ root: FilePath, watches: Bool, module: InstarModule, output: Output) {
        watch = watches ? DirectoryWatch(root) : nil
        self.module = module
        self.output = output
    }

    /// Applies what was edited. A refused edit is shown, and the game goes on with the old code.
    func poll() throws -> PythonValue {
        guard watch?.hasChanged() == true else { return .null }
        do {
            let report = try module.reloadChanges()
            guard !report.modules.isEmpty else { return .null }
            show(report)
            return report.value
        } catch let failure as ReloadFailure {
            output.event("refused", [("module", .string(failure.module)), ("reason", .string(failure.reason))])
            output.say("instar: \(failure.description)\n\(failure.trace)")
            return .null
        }
    }

    private func show(_ report: ReloadReport) {
        let names = report.modules.map(\.name).joined(separator: ", ")
        let pause = (report.commitSeconds + report.hookSeconds) * 1000
        output.event("reloaded", [("modules", .string(names)), ("pause", .number(pause / 1000))])
        output.say("instar: reloaded \(names); the game paused for \(Int(pause * 1000)) µs")
        for line in report.log { output.say("  \(line)") }
    }

    func check() throws -> PythonValue { throw NoUpdater() }
    func update() throws -> PythonValue { throw NoUpdater() }
    func confirm() throws -> PythonValue { throw NoUpdater() }
    func rollback() throws -> PythonValue { throw NoUpdater() }
    func status() throws -> PythonValue { throw NoUpdater() }
}
