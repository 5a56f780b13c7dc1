internal import ArgumentParser
internal import InstarHosting
internal import InstarPublishing
internal import InstarTrust

/// `instar trust sign`
struct TrustSignCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign", abstract: "Add your signature to a root that waits for signatures.",
        discussion: "Look at it first with `instar trust show`. Once enough holders signed, it is published.")

    @Flag(help: "Throw the waiting root away instead.") var drop = false
    @OptionGroup var repositoryOptions: RepositoryOptions
    @OptionGroup var outputOptions: OutputOptions

    func run() throws {
        var trust = try repositoryOptions.open()
        if drop {
            try trust.dropStagedRoot()
            return outputOptions.output.done([("dropped", true)], "Nothing waits for signatures any more.")
        }
        outputOptions.output.report(
            try trust.signStagedRoot(now: .now), "Signed with the keys in \(trust.keys.path)", repository: repositoryOptions.repo)
    }
}

/// `instar trust expire`
struct TrustExpireCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "expire", abstract: "Set for how many days a role holds once it is signed, and sign it anew.",
        discussion:
            "A short life of timestamp bounds for how long an attacker can hide a new release; renew it in time with `instar trust refresh`."
    )

    @Argument(help: "root, targets, snapshot or timestamp.") var role: TrustRole
    @Argument(help: "Days from each signature on.") var days: Int
    @OptionGroup var repositoryOptions: RepositoryOptions
    @OptionGroup var outputOptions: OutputOptions

    func run() throws {
        var trust = try repositoryOptions.open()
        let output = outputOptions.output
        let kind: SignedMetadata.Kind
        switch role {
        case .targets: kind = .targets
        case .snapshot: kind = .snapshot
        case .timestamp: kind = .timestamp
        case .root:
            try RepositoryTrust.requireLifetime(days)
            let days = days
            let outcome = try trust.changeRoot(now: .now) { root throws(TrustPublishingError) in root.draft.lifetime = days }
            return output.report(outcome, "root holds for \(days) days", repository: repositoryOptions.repo)
        }
        try trust.setLifetime(days, of: kind, now: .now)
        output.done(
            [("role", .string(role.rawValue)), ("days", JSON(days))],
            "\(role.rawValue) holds for \(days) days from now, and from each signature on. Upload the repository, the timestamp last.")
    }
}

/// `instar trust refresh`
struct TrustRefreshCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "refresh", abstract: "Sign the timestamp anew, and whatever else is due.",
        discussion: """
            For a cron job, more often than the timestamp expires:

              17 3 * * *  instar trust refresh --repo /srv/game && rsync -a /srv/game/ cdn:/game/
            """)

    @OptionGroup var repositoryOptions: RepositoryOptions
    @OptionGroup var outputOptions: OutputOptions

    func run() throws {
        var trust = try repositoryOptions.open()
        let output = outputOptions.output
        let now = UTCTime.now
        let renewed = try trust.renew(now: now)
        for status in try trust.status() where status.isDue(at: now) {
            output.warn(
                "\(status.role) expires at \(status.expires): its key holders must run `instar trust expire \(status.role) \(status.lifetime)` before"
            )
        }
        output.done(
            [("renewed", .array(renewed.map { .string($0) }))],
            "Signed anew: \(renewed.joined(separator: ", ")). Upload the repository, the timestamp last.")
    }
}
