internal import ArgumentParser
internal import InstarCryptography
internal import InstarDisk
internal import InstarHosting
internal import InstarPublishing
internal import InstarTrust
internal import SystemPackage

/// `instar trust add-key`
struct TrustAddKeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add-key", abstract: "Let one more key sign for a role.",
        discussion: """
            With PUBLIC, the key of another holder, as PEM: he makes his with `openssl genpkey -algorithm ed25519 -out me.pem`
            and sends what `openssl pkey -in me.pem -pubout` prints. Without it, a new key is made in the key folder.
            """)

    @Argument(help: "root, targets, snapshot or timestamp.") var role: TrustRole
    @Argument(help: "A file with the public key; without it a new key is made.", completion: .file()) var `public`: String?
    @OptionGroup var repositoryOptions: RepositoryOptions
    @OptionGroup var outputOptions: OutputOptions

    func run() throws {
        var trust = try repositoryOptions.open()
        let key = try description(for: trust)
        let role = role
        let outcome = try trust.changeRoot(now: .now) { root throws(TrustPublishingError) in try root.add(key, to: role.name) }
        outputOptions.output.report(
            outcome, "Key \(key.keyID) may sign \(role.rawValue)", [("key", .string("\(key.keyID)"))], repository: repositoryOptions.repo)
    }

    private func description(for trust: borrowing RepositoryTrust) throws -> PublicKeyDescription {
        guard let file = `public` else {
            return try trust.keys.generate(for: role.rawValue, passphrase: repositoryOptions.keyOptions.passphrase()).description
        }
        do { return try PublicKeyDescription(text: DurableFile.read(FilePath(file), limit: PublicKey.maximumTextByteCount)) } catch let
            error as CryptographyError
        {
            throw CommandError(.dataError, "\(file): \(error)")
        }
    }
}

/// `instar trust remove-key`
struct TrustRemoveKeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "remove-key", abstract: "No longer let a key sign for a role.")

    @Argument(help: "root, targets, snapshot or timestamp.") var role: TrustRole
    @Argument(help: "The beginning of the key's identifier, as `instar trust show` prints it.") var key: String
    @OptionGroup var repositoryOptions: RepositoryOptions
    @OptionGroup var outputOptions: OutputOptions

    func run() throws {
        var trust = try repositoryOptions.open()
        let (role, key) = (role, key)
        let outcome = try trust.changeRoot(now: .now) { root throws(TrustPublishingError) in try root.remove(key, from: role.name) }
        outputOptions.output.report(outcome, "Key \(key) no longer signs \(role.rawValue)", repository: repositoryOptions.repo)
    }
}

/// `instar trust rotate`
struct TrustRotateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate", abstract: "Replace a role's keys by new ones.",
        discussion: "The new private keys go to the key folder. Use it at once when a key was lost or may have been seen by others.")

    @Argument(help: "root, targets, snapshot or timestamp.") var role: TrustRole
    @Option(help: "Replace only the key whose identifier begins like this.") var key: String?
    @OptionGroup var repositoryOptions: RepositoryOptions
    @OptionGroup var outputOptions: OutputOptions

    func run() throws {
        var trust = try repositoryOptions.open()
        let (outcome, new) = try trust.rotate(role.name, key: key, passphrase: repositoryOptions.keyOptions.passphrase(), now: .now)
        let output = outputOptions.output
        output.say(
            "New private keys of \(role.rawValue) are in \(trust.keys.path): back them up, move them to where \(role.rawValue) is signed,")
        output.say("and delete the old ones there once this is published.")
        output.report(
            outcome, "\(role.rawValue) has \(new.count == 1 ? "a new key" : "\(new.count) new keys")",
            [("keys", .array(new.map { .string("\($0)") }))], repository: repositoryOptions.repo)
    }
}

/// `instar trust threshold`
struct TrustThresholdCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "threshold", abstract: "Set how many keys must sign for a role.",
        discussion: """
            Two holders signing one after another works for root. The keys of an online role must be in one folder whenever it
            is signed.
            """)

    @Argument(help: "root, targets, snapshot or timestamp.") var role: TrustRole
    @Argument(help: "How many different keys must sign.") var count: Int
    @OptionGroup var repositoryOptions: RepositoryOptions
    @OptionGroup var outputOptions: OutputOptions

    func run() throws {
        var trust = try repositoryOptions.open()
        let (role, count) = (role, count)
        let outcome = try trust.changeRoot(now: .now) { root throws(TrustPublishingError) in try root.setThreshold(count, of: role.name) }
        outputOptions.output.report(outcome, "\(count) keys must sign \(role.rawValue)", repository: repositoryOptions.repo)
    }
}
