internal import ArgumentParser
internal import Instar
internal import InstarHosting

/// `instar status`: what a store holds and has decided, for a support person and for scripts.
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show what a store holds: active, previous, on trial, banned.")

    @OptionGroup var storeOptions: StoreOptions
    @OptionGroup var outputOptions: OutputOptions

    func run() throws {
        let status = try Updater(storeOptions).status()
        if outputOptions.json { outputOptions.output.object(status.members) } else { outputOptions.output.result(status.text) }
    }
}

extension StoreStatus {
    /// The status for people.
    var text: String {
        var lines = [row("active", active), row("previous", previous)]
        if let pending { lines.append(row("at next launch", pending)) }
        if let trial {
            lines.append(
                "trial".padded(to: 16) + "unconfirmed; \(trial.crashes) of \(trial.allowed) starts crashed, \(trial.openStarts) running")
        }
        for ban in banned { lines.append("banned".padded(to: 16) + "\(ban.version) (\(ban.digest.prefix(12))): it \(ban.reason)") }
        for entry in generations where entry != active && entry != previous && entry != pending { lines.append(row("kept", entry)) }
        return lines.joined(separator: "\n")
    }

    private func row(_ title: String, _ entry: Entry?) -> String {
        guard let entry else { return title.padded(to: 16) + "nothing" }
        let size = "\(entry.files) files, \(ByteCount(entry.size)), \(ByteCount(entry.written)) of it its own"
        return title.padded(to: 16) + "\(entry.release), generation \(entry.generation): \(size)\n" + "".padded(to: 16) + entry.path
    }
}
