internal import ArgumentParser
internal import InstarCryptography
internal import InstarHosting
internal import Logging

/// The `instar` command: the publisher's tools, every client step by itself, and the developer's loop.
///
/// Commands are synchronous and run on the process's first thread, which is where an embedded interpreter must live.
@main
struct InstarCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "instar",
        abstract: "Hot updates for game clients: publish a build, update a running game, get the last good version back.",
        discussion: """
            A first release, served and installed on this machine:

              instar init repo
              instar publish build --repo repo --version 1.0.0
              instar serve repo --port 8000 &
              instar update --store store --url http://127.0.0.1:8000 --root repo/metadata/root.json
              instar run --store store

            Every command takes --json: one JSON object a line on standard output, the last one with
            "event":"done" or "event":"error".

            Exit status: 0 done or nothing to do; 64 wrong usage; 65 untrusted or damaged data; 69 no server;
            73 and 74 cannot create or write (a full disk too); 75 busy, try again; 76 the server broke the protocol.
            """,
        version: "0.1.0",
        groupedSubcommands: [
            CommandGroup(
                name: "Publishing",
                subcommands: [
                    InitCommand.self, PublishCommand.self, ChannelCommand.self, PruneCommand.self, InspectCommand.self, DiffCommand.self,
                    TrustCommand.self, ServeCommand.self,
                ]),
            CommandGroup(
                name: "Updating",
                subcommands: [
                    UpdateCommand.self, CheckCommand.self, StatusCommand.self, VerifyCommand.self, ConfirmCommand.self,
                    RollbackCommand.self,
                    UnbanCommand.self, CollectCommand.self, RecoverCommand.self,
                ]),
            CommandGroup(name: "Playing and developing", subcommands: [RunCommand.self, DevCommand.self]),
        ])

    static func main() {
        // Threads of an update may still be ending when the process does.
        LibraryLifetime.extendToProcessEnd()
        // A reader that went away (`instar … | head`) is an error of the write, not the end of the process.
        Terminal.ignoreBrokenPipes()
        // The command has its own words for what the library would log.
        LoggingSystem.bootstrap { _ in SwiftLogNoOpLogHandler() }
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch {
            Failure.exit(reporting: error)
        }
    }
}
