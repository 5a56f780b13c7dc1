internal import ArgumentParser
internal import InstarHosting
internal import InstarPublishing
internal import InstarTrust

/// `instar trust show`: the roles, their keys, and what is due.
struct TrustShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show the roles, their keys and when each expires.")

    @OptionGroup var repositoryOptions: RepositoryOptions
    @OptionGroup var outputOptions: OutputOptions

    func run() throws {
        let output = outputOptions.output
        let trust = try repositoryOptions.open()
        let now = UTCTime.now
        var rows: [JSON] = []
        for status in try trust.status() {
            let days = (status.expires.secondsSince1970 - now.secondsSince1970) / 86400
            let left = status.expires <= now ? "EXPIRED" : "\(days) days left"
            output.result(
                "\(status.role) \(status.version): expires \(status.expires) (\(left)); \(status.threshold) of \(status.keys.count) keys must sign"
            )
            for key in status.keys { output.result("    \(key.keyID)  \(key.isHere ? "in the key folder" : "held elsewhere")") }
            rows.append(Self.row(status))
        }
        if let staged = try trust.stagedRoot() {
            output.result("root \(staged.version) waits for signatures in metadata/staged/:")
            for need in try trust.missingSignatures(on: staged) { output.result("    \(need.role) has \(need.have) of \(need.need)") }
        }
        output.done([("roles", .array(rows))])
    }

    private static func row(_ status: RoleStatus) -> JSON {
        .object([
            ("role", .string(status.role)), ("version", JSON(status.version)), ("expires", .string("\(status.expires)")),
            ("lifetimeDays", JSON(status.lifetime)), ("threshold", JSON(status.threshold)),
            ("keys", .array(status.keys.map { .object([("id", .string("\($0.keyID)")), ("here", JSON($0.isHere))]) })),
        ])
    }
}
