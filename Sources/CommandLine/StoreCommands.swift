internal import ArgumentParser
internal import Instar
internal import InstarHosting

/// `instar check`: is there anything new?
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Ask whether the channel has another release for this store. Two small requests where it has not.")

    @OptionGroup var storeOptions: StoreOptions
    @OptionGroup var repository: SourceOptions
    @OptionGroup var outputOptions: OutputOptions

    func run() throws {
        let output = outputOptions.output
        let updater = try Updater(storeOptions, repository, needsURL: true)
        switch try waitFor({ try await updater.check() }) {
        case .upToDate(let release):
            output.done([("upToDate", true), ("version", .string(release.version))], "\(release) is active: nothing new.")
        case .available(let release):
            output.done(
                [("available", true), ("version", .string(release.version)), ("digest", .string(release.digest))],
                "\(release) is available: `instar update` installs it.")
        case .held(let release, let reason):
            output.done(
                [("held", .string("\(reason)")), ("version", .string(release.version))], "\(release) is not for this store: \(reason).")
        }
    }
}

/// `instar confirm`: the active release works.
struct ConfirmCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "confirm", abstract: "Say that the active release works, so that it is kept.")

    @OptionGroup var storeOptions: StoreOptions
    @OptionGroup var outputOptions: OutputOptions

    func run() throws {
        let updater = try Updater(storeOptions)
        guard let active = try updater.status().active else {
            throw UpdateError(.nothingInstalled, "nothing is installed in \(storeOptions.store)")
        }
        try updater.confirm(generation: active.generation)
        outputOptions.output.done(
            [("version", .string(active.release.version)), ("generation", JSON(active.generation))], "\(active.release) is confirmed.")
    }
}

/// `instar rollback`: back to an earlier generation, offline.
struct RollbackCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback",
        abstract: "Go back to an earlier generation. Works offline.",
        discussion: "Without --to it goes to the release that worked last. `instar status` lists what is kept.")

    @OptionGroup var storeOptions: StoreOptions

    @Option(help: "The number of the generation to go back to.")
    var to: UInt64?

    @Option(help: "Ban the release that is left, for this reason, so that the next update does not bring it back.")
    var ban: String?

    @OptionGroup var outputOptions: OutputOptions

    func run() throws {
        let updater = try Updater(storeOptions)
        let from = try updater.status().active
        try updater.rollback(to: to, banning: ban)
        let active = try updater.status().active
        outputOptions.output.done(
            [
                ("from", JSON(from?.release.version)), ("to", JSON(active?.release.version)),
                ("generation", active.map { JSON($0.generation) } ?? .null),
            ],
            active.map { "\($0.release) is active again." } ?? "No release is active: the directory shipped with the app is used.")
    }
}

/// `instar unban`: give a release another chance.
struct UnbanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "unban", abstract: "Lift the ban of a release that failed here.")

    @OptionGroup var storeOptions: StoreOptions

    @Argument(help: "The digest of the release, as `instar status` shows it, or its version.")
    var release: String

    @OptionGroup var outputOptions: OutputOptions

    func run() throws {
        let updater = try Updater(storeOptions)
        let banned = try updater.status().banned.filter { $0.digest == release || $0.version == release }
        guard !banned.isEmpty else {
            throw CommandError(.usage, "no release \(release) is banned in \(storeOptions.store): `instar status` lists the bans")
        }
        for ban in banned { try updater.unban(digest: ban.digest) }
        outputOptions.output.done([("unbanned", .array(banned.map { .string($0.digest) }))], "\(release) may be tried again.")
    }
}

/// `instar gc`: give disk space back.
struct CollectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gc", abstract: "Remove generations that nothing needs any more.",
        discussion: "Never removed: the active one, the one to fall back to, one that waits for a launch, and any that a process runs.")

    @OptionGroup var storeOptions: StoreOptions

    @Option(help: "How many generations to keep.")
    var keep = 2

    @Flag(help: "Put the active release's files in place for the next update, too, which is then faster.")
    var prepare = false

    @OptionGroup var outputOptions: OutputOptions

    func run() throws {
        let updater = try Updater(storeOptions)
        let keep = keep
        let removed = try waitFor { try await updater.collectGarbage(keeping: keep) }
        let prepared = prepare ? try waitFor { try await updater.prepareNextUpdate() } : nil
        outputOptions.output.done(
            [("removed", .array(removed.map { .string($0.version) }))]
                + [("prepared", prepared?.files)].compactMap { name, files in
                    files.map { (name, JSON($0)) }
                },
            (removed.isEmpty ? "There is nothing to remove." : "Removed \(removed.map(\.description).joined(separator: ", ")).")
                + (prepared.map { " \($0.sentence)" } ?? ""))
    }
}

extension PreparationOutcome {
    /// How many files are in place for the next update.
    fileprivate var files: UInt64 { if case .prepared(let files) = self { files } else { 0 } }

    fileprivate var sentence: String {
        switch self {
        case .prepared(let files): "\(files) files are in place for the next update."
        case .interrupted: "Another process works on the store, so the next update is not prepared in full."
        case .useless: "Nothing could be prepared for the next update."
        }
    }
}
