/// What an updater must know of the game, the machine and the repository.
public struct UpdaterConfiguration: Sendable {
    /// The directory on the player's machine that Instar owns. Made where it is missing.
    public var store: String
    /// Base addresses of the repository, the preferred one first; the others are mirrors. Empty for a store that is only
    /// launched and never updated.
    public var urls: [String]
    /// The file with the root of trust that ships with the game (`metadata/root.json` of the repository). Needed for the
    /// first update of a store; later ones go on from the store's own copy.
    public var pinnedRoot: String?
    /// The channel to follow.
    public var channel: String
    /// A directory shipped with the app that holds a playable build: the last resort where the store has nothing, and a
    /// source of content for the first update.
    public var shippedDirectory: String?
    /// Optional packs to install beside `base`.
    public var packs: Set<String>
    /// How many unconfirmed starts that end in a crash a new release may make before it is given up.
    public var trialStarts: Int
    /// How many generations stay on disk: the active one and those to roll back to.
    public var keptGenerations: Int
    /// Most bytes the store may take; nil for no limit but the disk's.
    public var diskCeiling: UInt64?
    /// When the running game asks for updates.
    public var schedule: CheckSchedule
    /// Names this installation among all when a release is rolled out by share. Made up and kept in the store where nil.
    public var installation: String?
    /// What this host offers to releases that ask for it: version by subject, such as `["engine": "5.2"]`.
    public var hostVersions: [String: String]
    /// A PEM file of certificate authorities in place of the system's.
    public var certificateAuthorities: String?
    /// `sha256//<base64>` of the public keys that a server may have, several parted by `;`.
    public var pinnedPublicKey: String?
    /// Most bytes a second to download; nil for as many as there are.
    public var bytesPerSecond: UInt64?
    /// Whether a running game prepares the next update while there is none: links the confirmed release's files into the tree that it
    /// will be staged in, once a release. Takes room for their names only.
    public var preparesNextUpdate: Bool
    /// How politely the line is used.
    public var network: NetworkUse
    /// Which proxy is used.
    public var proxy: ProxyUse

    public init(store: String, urls: [String] = [], pinnedRoot: String? = nil, channel: String = "stable") {
        self.store = store
        self.urls = urls
        self.pinnedRoot = pinnedRoot
        self.channel = channel
        shippedDirectory = nil
        packs = []
        trialStarts = 3
        keptGenerations = 2
        diskCeiling = nil
        schedule = CheckSchedule()
        installation = nil
        hostVersions = [:]
        certificateAuthorities = nil
        pinnedPublicKey = nil
        bytesPerSecond = nil
        preparesNextUpdate = true
        network = .foreground
        proxy = .environment
    }
}

extension UpdaterConfiguration {
    /// What the host offers, this version of Instar included.
    var allHostVersions: [String: String] { hostVersions.merging(["instar": Updater.version]) { given, _ in given } }
}
