internal import ArgumentParser
internal import InstarHosting
internal import InstarPublishing
internal import InstarTrust
internal import SystemPackage

/// `instar init`: an empty repository with fresh keys.
struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make a repository with fresh keys and signed metadata, and no release yet.",
        discussion: """
            The private keys go to REPO.keys beside the repository, readable by you alone: back them up, and never serve them.
            Game clients are shipped with metadata/root.json of the repository.
            """)

    @Argument(help: "The folder to make.", completion: .directory)
    var repository: String

    @OptionGroup var keyOptions: KeyOptions
    @OptionGroup var outputOptions: OutputOptions

    func run() throws {
        let output = outputOptions.output
        let keys = try keyOptions.folder(for: repository)
        _ = try RepositoryTrust.create(at: FilePath(repository), keys: keys, passphrase: keyOptions.passphrase(), now: .now)
        let root = FilePath(repository).appending("metadata/root.json").string
        output.done(
            [("repository", .string(repository)), ("keys", .string(keys.path.string)), ("root", .string(root))],
            "Made \(repository). Private keys: \(keys.path) (back them up). Ship with the game: \(root)")
    }
}
