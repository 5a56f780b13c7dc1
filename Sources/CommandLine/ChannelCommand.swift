internal import ArgumentParser
internal import InstarHosting
internal import InstarManifest
internal import InstarPublishing
internal import InstarTrust

/// `instar channel …`: which release players get.
struct ChannelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "channel",
        abstract: "Show and change which release a channel points to, and for whom.",
        subcommands: [Show.self, Set.self, Promote.self, Halt.self, Resume.self, Rollout.self],
        defaultSubcommand: nil)

    /// `instar channel show`
    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show all channels, or one.")
        @Argument(help: "The channel; all where none is named.") var channel: String?
        @OptionGroup var repository: RepositoryOptions
        @OptionGroup var outputOptions: OutputOptions

        func run() throws {
            let output = outputOptions.output
            let trust = try repository.open()
            let documents = try Channels.all(in: trust).filter { channel == nil || $0.channel == channel }
            if let channel, documents.isEmpty { throw CommandError(.noInput, "there is no channel \(channel) in \(repository.repo)") }
            for document in documents {
                output.event("channel", document.members)
                output.result(document.line)
            }
            output.done([("channels", JSON(documents.count))])
        }
    }

    /// `instar channel set`
    struct Set: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Point a channel to a release.")
        @Argument(help: "The channel; made where there is none.") var channel: String
        @Argument(help: "A version (its newest release), or # and a sequence number.") var release: String
        @Option(help: "The share of installations, 0 to 1.") var share = 1.0
        @OptionGroup var repository: RepositoryOptions
        @OptionGroup var outputOptions: OutputOptions

        func run() throws {
            var trust = try repository.open()
            try outputOptions.output.changed(Channels.set(channel, to: release, share: share, in: &trust, now: .now))
        }
    }

    /// `instar channel promote`
    struct Promote: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Point a channel to the release of another one.")
        @Argument(help: "The channel that has the release.") var source: String
        @Argument(help: "The channel that gets it.") var channel: String
        @Option(help: "The share of installations, 0 to 1.") var share = 1.0
        @OptionGroup var repository: RepositoryOptions
        @OptionGroup var outputOptions: OutputOptions

        func run() throws {
            var trust = try repository.open()
            try outputOptions.output.changed(Channels.promote(from: source, to: channel, share: share, in: &trust, now: .now))
        }
    }

    /// `instar channel halt`
    struct Halt: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Let nobody move to a channel's release any more.")
        @Argument(help: "The channel.") var channel: String
        @OptionGroup var repository: RepositoryOptions
        @OptionGroup var outputOptions: OutputOptions

        func run() throws {
            var trust = try repository.open()
            try outputOptions.output.changed(Channels.change(channel, in: &trust, now: .now) { $0.isHalted = true })
        }
    }

    /// `instar channel resume`
    struct Resume: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Undo a halt.")
        @Argument(help: "The channel.") var channel: String
        @OptionGroup var repository: RepositoryOptions
        @OptionGroup var outputOptions: OutputOptions

        func run() throws {
            var trust = try repository.open()
            try outputOptions.output.changed(Channels.change(channel, in: &trust, now: .now) { $0.isHalted = false })
        }
    }

    /// `instar channel rollout`
    struct Rollout: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Give a channel's release to a share of the installations.")
        @Argument(help: "The channel.") var channel: String
        @Argument(help: "The share, 0 to 1. Who had it at a smaller share is among a larger one.") var share: Double
        @OptionGroup var repository: RepositoryOptions
        @OptionGroup var outputOptions: OutputOptions

        func run() throws {
            var trust = try repository.open()
            try outputOptions.output.changed(Channels.change(channel, in: &trust, now: .now) { $0.rollout.share = share })
        }
    }
}

extension Output {
    fileprivate func changed(_ document: ChannelDocument) {
        done(document.members, document.line)
    }
}

extension ChannelDocument {
    var members: [(String, JSON)] {
        [
            ("channel", .string(channel)), ("version", .string(release.version)), ("sequence", JSON(release.sequence)),
            ("target", .string(release.target)), ("share", JSON(rollout.share)), ("halted", JSON(isHalted)),
            ("requires", .array(requirements.map { .string($0.description) })),
        ]
    }

    var line: String {
        let share = rollout.share < 1 ? ", \(rollout.share * 100) % of installations" : ""
        return "\(channel): \(release.version) (#\(release.sequence))\(share)\(isHalted ? ", halted" : "")"
    }
}
