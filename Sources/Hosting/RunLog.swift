package import Instar
internal import InstarReload
internal import Synchronization
internal import SystemPackage

/// What happens while a game runs, as JSON lines in a file. The terminal belongs to the game.
package final class RunLog: Sendable {
    private let file: FileDescriptor?
    private let warn: @Sendable (String) -> Void

    /// - Parameters:
    ///   - path: the file, appended to; nil keeps no log.
    ///   - warn: told, in words for people, what a launch had to give up.
    package init(path: String?, warn: @escaping @Sendable (String) -> Void = { _ in }) throws(UpdateError) {
        do {
            file = try path.map {
                try FileDescriptor.open(
                    FilePath($0), .writeOnly, options: [.create, .append, .closeOnExec],
                    permissions: [.ownerReadWrite, .groupRead, .otherRead])
            }
        } catch { throw UpdateError(.disk, "cannot write events to \(path ?? ""): \(error)") }
        self.warn = warn
    }

    deinit { try? file?.close() }

    package func launched(_ launch: Launch) {
        for release in launch.banned {
            warn("\(release) crashed too often and is not started again; `instar unban` gives it another chance")
            write("banned", [("version", .string(release.version)), ("digest", .string(release.digest))])
        }
        if let warning = launch.warning { warn(warning) }
        write(
            "launched",
            [("version", JSON(launch.release?.version)), ("path", .string(launch.path)), ("trial", JSON(launch.isTrial))])
    }

    package func note(_ event: LiveUpdater.Event) {
        switch event {
        case .checked(.upToDate(let release)): write("checked", [("upToDate", true), ("version", .string(release.version))])
        case .checked(.available(let release)): write("available", [("version", .string(release.version))])
        case .checked(.held(let release, let reason)):
            write("held", [("version", .string(release.version)), ("reason", .string("\(reason)"))])
        case .ready(let release): write("ready", [("version", .string(release.version))])
        case .applied(let update): write("applied", Self.members(update))
        case .refused(let release, let reason): write("refused", [("version", .string(release.version)), ("reason", .string(reason))])
        case .deferred(let release, let reason): write("deferred", [("version", .string(release.version)), ("reason", .string(reason))])
        case .failed(let error): write("failed", [("kind", .string(error.kind.rawValue)), ("message", .string(error.message))])
        case .confirmed(let release): write("confirmed", [("version", .string(release.version))])
        }
    }

    package func ended(_ status: Int32) { write("ended", [("status", JSON(status))]) }

    private static func members(_ update: AppliedUpdate) -> [(String, JSON)] {
        [
            ("version", .string(update.release.version)), ("from", JSON(update.from?.version)),
            ("modules", .array(update.report.modules.map { .string($0.name) })),
            ("prepareSeconds", JSON(update.report.prepareSeconds)), ("commitSeconds", JSON(update.report.commitSeconds)),
            ("hookSeconds", JSON(update.report.hookSeconds)), ("pauseSeconds", JSON(update.pause.inSeconds)),
            ("log", .array(update.report.log.map { .string($0) })),
        ]
    }

    private func write(_ name: String, _ members: [(String, JSON)]) {
        guard let file else { return }
        let line = JSON.object([("event", .string(name))] + members).description + "\n"
        // One write a line, so that lines of several threads do not mix. A full disk must not stop the game.
        _ = try? file.writeAll(Array(line.utf8))
    }
}
