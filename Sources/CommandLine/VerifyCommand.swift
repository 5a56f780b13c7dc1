internal import ArgumentParser
internal import Instar
internal import InstarHosting

/// `instar verify`: is what is installed what was published?
struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Hash every file of the active release and compare it with what was published.",
        discussion:
            "With --repair, damaged and missing files are put right; only the damaged ranges are fetched. Exit status 65 where damage remains."
    )

    @OptionGroup var storeOptions: StoreOptions
    @OptionGroup var repository: SourceOptions

    @Flag(help: "Put damaged and missing files right; needs --url.")
    var repair = false

    @OptionGroup var outputOptions: OutputOptions

    func run() throws {
        let output = outputOptions.output
        let updater = try Updater(storeOptions, repository, needsURL: repair)
        var found = try verify(updater, output)
        var fixed: RepairOutcome?
        if repair, !found.damages.allSatisfy({ $0.kind == "foreign" }) {
            fixed = try waitFor { try await updater.repair() }
            found = try verify(updater, output)
        }
        let text = DamageText(found)
        for line in text.lines { output.result(line) }
        let members: [(String, JSON)] = [
            ("generation", JSON(found.generation)), ("files", JSON(found.files)), ("bytes", JSON(found.bytes)),
            ("intact", JSON(found.isIntact)),
            ("damages", .array(found.damages.map { .object([("kind", .string($0.kind)), ("path", .string($0.path))]) })),
            ("repaired", JSON(fixed?.repaired ?? 0)), ("bytesDownloaded", JSON(fixed?.bytesDownloaded ?? 0)),
        ]
        guard found.isIntact else {
            output.event("damaged", members)
            throw UpdateError(.damaged, text.summary(afterRepair: repair))
        }
        let repaired = fixed.map { " \(counted($0.repaired, "file")) repaired with \(ByteCount($0.bytesDownloaded)) fetched." } ?? ""
        output.done(members, "\(counted(found.files, "path")), \(ByteCount(found.bytes)): all as published.\(repaired)\(text.note)")
    }

    private func verify(_ updater: Updater, _ output: Output) throws -> VerifyOutcome {
        let bar = ProgressBar("verify", output: output)
        defer { bar.finish() }
        return try waitFor { try await updater.verify { bar.update(done: $0, total: $1) } }
    }
}

/// What a verification found, for people: what is wrong first, then what is only not Instar's.
struct DamageText {
    private let outcome: VerifyOutcome
    /// Lines of one kind that a person still reads; `--json` has them all.
    private static let shown = 40
    private static let kinds = ["damaged", "missing", "permissions", "foreign"]

    init(_ outcome: VerifyOutcome) {
        self.outcome = outcome
    }

    var lines: [String] {
        Self.kinds.flatMap { kind -> [String] in
            let paths = paths(kind)
            let rest = paths.count - Self.shown
            return paths.prefix(Self.shown).map { kind.padded(to: 13) + $0 }
                + (rest > 0 ? ["".padded(to: 13) + "… and \(rest) more, all of them with --json"] : [])
        }
    }

    /// What is wrong in all, and what to do.
    func summary(afterRepair: Bool) -> String {
        let words = ["damaged": "damaged", "missing": "missing", "permissions": "with wrong permissions"]
        let counts = Self.kinds.compactMap { kind in
            words[kind].flatMap { word in paths(kind).isEmpty ? nil : "\(paths(kind).count) \(word)" }
        }
        let remedy =
            afterRepair
            ? "the repair did not last: check the disk" : "`instar verify --repair --url …` puts them right and fetches only what is lost"
        return "of \(counted(outcome.files, "path")), \(counts.joined(separator: ", ")): \(remedy).\(note)"
    }

    /// About files that are no damage.
    var note: String {
        let count = paths("foreign").count
        guard count > 0 else { return "" }
        return " \(counted(count, "foreign file")) (mods, saves, caches): left alone, and moved to `rescued` when the generation goes."
    }

    private func paths(_ kind: String) -> [String] { outcome.damages.filter { $0.kind == kind }.map(\.path) }
}
