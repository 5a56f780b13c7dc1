internal import ArgumentParser
internal import Instar
internal import InstarHosting

/// `instar status`: what a store holds and has decided, for a support person and for scripts.
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show what a store holds and shares: active, previous, on trial, banned.")

    @OptionGroup var storeOptions: StoreOptions

    @Option(help: "How many generations `instar gc` would keep, for what it would free.")
    var keep = 2

    @OptionGroup var outputOptions: OutputOptions

    func run() throws {
        let updater = try Updater(storeOptions)
        let (status, usage) = (try updater.status(), try updater.usage(keeping: keep))
        if outputOptions.json {
            outputOptions.output.object(status.members + [("usage", usage.json)])
        } else {
            outputOptions.output.result(StatusText(status: status, usage: usage).description)
        }
    }
}

/// A store's status for people: one paragraph a generation, then what is banned and what the disk holds.
struct StatusText: CustomStringConvertible {
    let status: StoreStatus
    let usage: StoreUsage

    var description: String {
        var lines = active
        lines += paragraph("falls back to", status.previous, "nothing earlier: a rollback leads to what was shipped with the app")
        if let pending = status.pending { lines += paragraph("at next launch", pending, "") }
        let named = [status.active, status.previous, status.pending].compactMap { $0 }
        for entry in status.generations where !named.contains(entry) { lines += paragraph("kept", entry, "") }
        for ban in status.banned {
            lines.append(row("banned", "\(ban.version) (\(ban.digest.prefix(12))), which \(ban.reason)"))
            lines.append(row("", "`instar unban \(ban.version)` gives it another chance"))
        }
        if let unfinished = usage.unfinished {
            let what = "\(unfinished.digest.prefix(12)), \(ByteCount(unfinished.bytes))"
            lines.append(row("unfinished", what + ": an update is at work or was cut off"))
            lines.append(row("", "the next `instar update` goes on from there, or clears it away"))
        }
        lines.append(row("disk", disk))
        return lines.joined(separator: "\n")
    }

    private var active: [String] {
        var lines = paragraph("active", status.active, "nothing: a launch runs what was shipped with the app")
        guard let trial = status.trial else { return lines }
        var starts = "\(trial.crashes) of \(trial.allowed) starts crashed, \(trial.openStarts - trial.endedStarts) running"
        if trial.endedStarts > 0 { starts += ", \(trial.endedStarts) ended without a word, which the next launch judges" }
        lines.insert(row("", "on trial, not confirmed yet: \(starts)"), at: 1)
        return lines
    }

    private var disk: String {
        let held = "\(ByteCount(usage.total)) in \(counted(status.generations.count, "generation"))"
        guard !usage.collectable.isEmpty else { return held + ", none of which `instar gc` would remove" }
        let removed = usage.collectable.map(String.init).joined(separator: ", ")
        return held + "; `instar gc` would remove \(removed) and free \(ByteCount(usage.freed))"
    }

    private func paragraph(_ title: String, _ entry: StoreStatus.Entry?, _ absence: String) -> [String] {
        guard let entry else { return [row(title, absence)] }
        let proof = entry.isConfirmed ? ", confirmed" : entry == status.active ? "" : ", never confirmed"
        var size = "\(counted(entry.files, "path")), \(ByteCount(entry.size))"
        if let share = usage.shares.first(where: { $0.generation == entry.generation }) {
            size += ": \(ByteCount(share.own)) its own, \(ByteCount(share.shared)) shared"
        } else {
            size += "; its inventory is lost: the next update stages it anew"
        }
        return [row(title, "\(entry.release), generation \(entry.generation)\(proof)"), row("", size), row("", entry.path)]
    }

    private func row(_ title: String, _ text: String) -> String { title.padded(to: 16) + text }
}

/// `1 file`, `2 files`.
func counted(_ count: some BinaryInteger, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
