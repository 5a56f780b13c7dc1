internal import ArgumentParser
internal import InstarHosting
internal import InstarManifest
internal import InstarPublishing
internal import InstarTrust

/// `instar prune`: old releases go.
struct PruneCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune",
        abstract: "Remove old releases, and files that nothing refers to.",
        discussion: """
            What a channel points to stays, and so do the newest releases. Installed games are not touched: a client on a removed
            release keeps running and updates as before.
            """)

    @Argument(help: "The repository's folder.", completion: .directory)
    var repository: String

    @Option(help: "How many of the newest releases stay.")
    var keep = 3

    @Flag(help: "Say what would go; remove nothing.")
    var dryRun = false

    @OptionGroup var keyOptions: KeyOptions
    @OptionGroup var outputOptions: OutputOptions

    func run() throws {
        let output = outputOptions.output
        var trust = try keyOptions.open(repository)
        let outcome = try Pruner(keep: keep, isDryRun: dryRun).prune(&trust, now: .now)
        for release in outcome.removed {
            output.event("removed", [("version", .string(release.version)), ("sequence", JSON(release.sequence))])
            output.say("\(dryRun ? "would remove" : "removed") release \(release.version) (#\(release.sequence))")
        }
        output.done(
            [
                ("removed", JSON(outcome.removed.count)), ("kept", JSON(outcome.kept.count)), ("filesRemoved", JSON(outcome.filesRemoved)),
                ("bytesRemoved", JSON(outcome.bytesRemoved)), ("dryRun", JSON(dryRun)),
            ],
            "\(outcome.removed.count) releases \(dryRun ? "would go" : "gone"), \(outcome.kept.count) kept; \(outcome.filesRemoved) files, \(ByteCount(outcome.bytesRemoved))"
        )
    }
}
