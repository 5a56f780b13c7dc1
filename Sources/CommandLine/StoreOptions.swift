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

    @Option(
        help: "The root of trust that ships with the game: the repository's metadata/root.json. Needed for the first update of a store.",
        completion: .file(extensions: ["json"]))
    var root: String?

    @Option(help: "The channel to follow.")
    var channel = "stable"

    @Option(name: .customLong("pack"), help: "An optional pack to install beside base; repeatable.")
    var packs: [String] = []

    @Option(
        help: "A directory shipped with the app: the last resort where the store has nothing, and a source of content for updates.",
        completion: .directory)
    var shipped: String?

    @Option(name: .customLong("ca"), help: "A PEM file of certificate authorities in place of the system's.", completion: .file())
    var certificateAuthorities: String?

    @Option(name: .customLong("pin"), help: "The public keys that a server may have: sha256//BASE64, several parted by ';'.")
    var pinnedPublicKey: String?

    @Option(help: "Most bytes a second to download.")
    var rate: UInt64?

    @Option(
        help: "How politely the line is used: foreground, background (while somebody plays) or metered (every byte costs).",
        transform: { text in
            guard let use = NetworkUse(rawValue: text) else { throw ValidationError("foreground, background or metered") }
            return use
        })
    var network = NetworkUse.foreground

    @Option(help: "A proxy, http://HOST:PORT or socks5h://HOST:PORT, or none; by default the environment's.")
    var proxy: String?

    @Option(help: "Most bytes the store may take.")
    var ceiling: UInt64?
}

extension UpdaterConfiguration {
    /// The configuration that the options describe.
    init(_ store: StoreOptions, _ source: SourceOptions? = nil) {
        self.init(store: store.store)
        guard let source else { return }
        urls = source.url
        pinnedRoot = source.root
        channel = source.channel
        packs = Set(source.packs)
        shippedDirectory = source.shipped
        certificateAuthorities = source.certificateAuthorities
        pinnedPublicKey = source.pinnedPublicKey
        bytesPerSecond = source.rate
        network = source.network
        if let proxy = source.proxy { self.proxy = proxy == "none" ? .none : .address(proxy) }
        diskCeiling = source.ceiling
    }
}

extension Updater {
    /// The updater that the options describe.
    convenience init(_ store: StoreOptions, _ source: SourceOptions? = nil, needsURL: Bool = false) throws {
        if needsURL, source?.url.isEmpty ?? true { throw CommandError(.usage, "give the repository's address with --url") }
        try self.init(UpdaterConfiguration(store, source))
    }
}
