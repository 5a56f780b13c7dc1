internal import ArgumentParser
internal import Instar

/// The option of every command that works on a player's store.
struct StoreOptions: ParsableArguments {
    @Option(help: "The directory that Instar owns on the player's machine.", completion: .directory)
    var store: String
}

/// The options of commands that reach a repository.
struct SourceOptions: ParsableArguments {
    @Option(help: "Base address of the repository; give it again for mirrors, the preferred one first.")
    var url: [String] = []

    @Option(help: "The root of trust that ships with the game: the repository's metadata/root.json. Needed for the first update of a store.", completion: .file(extensions: ["json"]))
    var root: String?

    @Option(help: "The channel to follow.")
    var channel = "stable"

    @Option(name: .customLong("pack"), help: "An optional pack to install beside base; repeatable.")
    var packs: [String] = []

    @Option(help: "A directory shipped with the app: the last resort where the store has nothing.", completion: .directory)
    var shipped: String?

    @Option(help: "Most bytes a second to download.")
    var rate: UInt64?

    @Option(help: "Most bytes the store may take.")
    var ceiling: UInt64?
}

extension Updater {
    /// The updater that the options describe.
    convenience init(_ store: StoreOptions, _ repository: SourceOptions? = nil, needsURL: Bool = false) throws {
        var configuration = UpdaterConfiguration(store: store.store)
        if let repository {
            if needsURL, repository.url.isEmpty { throw CommandError(.usage, "give the repository's address with --url") }
            configuration.urls = repository.url
            configuration.pinnedRoot = repository.root
            configuration.channel = repository.channel
            configuration.packs = Set(repository.packs)
            configuration.shippedDirectory = repository.shipped
            configuration.bytesPerSecond = repository.rate
            configuration.diskCeiling = repository.ceiling
        }
        try self.init(configuration)
    }
}
