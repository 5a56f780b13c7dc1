internal import ArgumentParser
internal import Instar
internal import InstarHosting

/// `instar recover`: a state that was lost or damaged, written anew from what is proven.
struct RecoverCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recover", abstract: "Write a lost or damaged state of a store anew from the releases in it that are whole.",
        discussion: """
            Every file of every release in the store is read and compared first; works offline. Which releases were confirmed or \
            banned is not known any more: the newest whole one is active, on trial. Does nothing where the state can be read.
            """)

    @OptionGroup var storeOptions: StoreOptions
    @OptionGroup var outputOptions: OutputOptions

    func run() throws {
        let output = outputOptions.output
        let updater = try Updater(storeOptions)
        let outcome = try waitFor { try await updater.recover() }
        for refused in outcome.refused { output.warn("generation \(refused.generation) is not listed again: \(refused.reason)") }
        let active = outcome.wasNeeded ? try updater.status().active : nil
        let members: [(String, JSON)] = [
            ("needed", JSON(outcome.wasNeeded)), ("listed", .array(outcome.listed.map { .string($0.version) })),
            ("refused", .array(outcome.refused.map { .object([("generation", JSON($0.generation)), ("reason", .string($0.reason))]) })),
            ("active", JSON(active?.release.version)),
        ]
        output.done(members, sentence(outcome, active))
    }

    private func sentence(_ outcome: RecoveryOutcome, _ active: StoreStatus.Entry?) -> String {
        guard outcome.wasNeeded else { return "The store's state can be read: nothing to do." }
        guard let active else { return "No release in the store is whole: run `instar update`, which goes on from what is there." }
        let listed = outcome.listed.map(\.description).joined(separator: ", ")
        return "The store has \(listed) again; \(active.release) is active, on trial. Bans are forgotten: `instar rollback --ban` sets one."
    }
}
