public import InstarReload
internal import InstarStore

/// An update that was put in place in a running game.
public struct AppliedUpdate: Sendable {
    /// What runs now.
    public let release: Release
    /// What ran before; nil for the directory shipped with the app.
    public let from: Release?
    /// What happened to each module.
    public let report: ReloadReport
    /// How long `poll()` took: code put in place and hooks called.
    public let pause: Duration
}

/// The release that a running game runs, and what keeps it on disk.
struct RunningRelease: Sendable {
    var release: Release?
    var generation: UInt64?
    var path: String
    var isConfirmed = false
    /// The launch, or the lease of a generation that came later.
    private let keeper: any Sendable

    init(launch: Launch) {
        release = launch.release
        generation = launch.generation
        path = launch.path
        isConfirmed = !launch.isTrial
        keeper = launch
    }

    init(release: Release, generation: UInt64, path: String, lease: HeldLease) {
        self.release = release
        self.generation = generation
        self.path = path
        keeper = lease
    }
}

/// A lease that several values share.
final class HeldLease: Sendable {
    private let lease: Lease

    init(_ lease: consuming Lease) {
        self.lease = lease
    }
}

/// A release that is staged and prepared and waits for the game's safe point.
struct ReadyUpdate: ~Copyable, Sendable {
    let release: Release
    let target: RunningRelease
    /// Paths of files other than code that changed, are new, or are gone.
    let assets: [String]
    let prepared: PreparedTransaction
}
