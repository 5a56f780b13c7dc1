internal import InstarStore
internal import SystemPackage

/// What a client launch decided to run. Keep it for as long as the game runs: it holds the generation on disk.
public final class Launch: Sendable {
    private let decision: LaunchDecision
    /// The directory that the game reads.
    public let path: String
    /// The release that is run; nil for the directory shipped with the app.
    public let release: Release?
    /// The number of its generation.
    public let generation: UInt64?
    /// True where the release is unproven: say `confirm()` once it works.
    public let isTrial: Bool
    /// Releases that this launch gave up because they crashed too often.
    public let banned: [Release]
    /// What kept the launch from recording itself, in which case only proven code is run.
    public let warning: String?

    init(_ decision: consuming LaunchDecision) throws(UpdateError) {
        guard let path = decision.path else {
            throw UpdateError(.nothingInstalled, "nothing is installed here and nothing was shipped with the app: run an update first")
        }
        self.path = path.string
        release = decision.generation.map { Release($0.release) }
        generation = decision.generation?.number
        isTrial = decision.isTrial
        banned = decision.banned.map { Release($0) }
        warning = decision.warning.map { "\($0)" }
        self.decision = decision
    }
}
