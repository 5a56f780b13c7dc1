internal import ArgumentParser
internal import InstarHosting
internal import InstarPublishing
internal import InstarTrust

/// `instar trust`: who may sign, and for how long signatures hold.
struct TrustCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trust",
        abstract: "Show, change and renew the keys that clients trust.",
        discussion: """
            A repository has four roles. root says who may sign; targets says which releases and channels there are; snapshot
            and timestamp keep attackers from mixing old files with new ones, or the world on old ones. docs/security.md says
            what a thief of each key can do, and what to do then.

            A change of keys is signed with every key in the key folder. If that is not enough, it waits in metadata/staged/
            for the next holder, who runs `instar trust sign`.
            """,
        subcommands: [
            TrustShowCommand.self, TrustAddKeyCommand.self, TrustRemoveKeyCommand.self, TrustRotateCommand.self, TrustThresholdCommand.self,
            TrustSignCommand.self, TrustExpireCommand.self, TrustRefreshCommand.self,
        ],
        defaultSubcommand: TrustShowCommand.self)
}

/// The role that a command is about.
enum TrustRole: String, ExpressibleByArgument, CaseIterable {
    case root, targets, snapshot, timestamp

    var name: ByteText { ByteText(rawValue) }
}

extension Output {
    /// Says what became of a change of the root, and what the next person must do.
    func report(_ outcome: RootOutcome, _ change: String, _ members: [(String, JSON)] = [], repository: String) {
        switch outcome {
        case .published(let version, let resigned):
            let renewed = resigned.isEmpty ? "" : " Signed anew with their new keys: \(resigned.joined(separator: ", "))."
            done(
                members + [("published", true), ("root", JSON(version)), ("resigned", .array(resigned.map { .string($0) }))],
                "\(change). Root \(version) is published.\(renewed) Upload the repository; clients take it at their next check.")
        case .staged(let version, let needs):
            for need in needs {
                let keys = need.keyIDs.map { "\($0)".prefix(16) }.joined(separator: ", ")
                say("Missing: \(need.role) has \(need.have) of \(need.need) signatures; these keys can give them: \(keys)")
            }
            say("Next: whoever holds one of those keys runs `instar trust sign --repo \(repository) --keys FOLDER-OF-THE-KEY`.")
            done(
                members + [("published", false), ("root", JSON(version)), ("needs", .array(needs.map(Output.json)))],
                "\(change), in root \(version), which waits for signatures in metadata/staged/. Clients see nothing of it yet.")
        }
    }

    private static func json(_ need: MissingSignatures) -> JSON {
        .object([
            ("role", .string(need.role)), ("have", JSON(need.have)), ("need", JSON(need.need)),
            ("keys", .array(need.keyIDs.map { .string("\($0)") })),
        ])
    }
}
