internal import InstarManifest
internal import InstarStore

/// What a channel's document means for this installation. A pure value.
enum UpdateDecision {
    /// The release is active already, or waits for the next launch.
    case upToDate
    /// Complete in the store, though not active.
    case present(Generation)
    case fetch
    /// Not for this installation now.
    case held(HeldReason)

    init(_ channel: ChannelDocument, release: ReleaseIdentity, state: StoreState, host: HostDescription) {
        let present = state.generation(of: release.digest)
        if let present, present.number == state.active || present.number == state.pending {
            self = .upToDate
        } else if let ban = state.ban(of: release.digest) {
            self = .held(.banned(ban.reason))
        } else if channel.isHalted {
            self = .held(.halted)
        } else if let unmet = channel.requirements.first(where: { !$0.isMet(by: host.versions) }) {
            self = .held(.incompatible("\(unmet)"))
        } else if !channel.rollout.includes(installation: host.installation) {
            self = .held(.notInRollout)
        } else if let present {
            self = .present(present)
        } else {
            self = .fetch
        }
    }
}

/// Why a release that the channel points to is not installed here, though nothing is wrong.
public enum HeldReason: Sendable, Hashable, CustomStringConvertible {
    /// It failed on this machine before; says how.
    case banned(String)
    /// The publisher stopped it.
    case halted
    /// It is rolled out to a share of the players that this one is not in yet.
    case notInRollout
    /// It needs something of the host that is not there; says what.
    case incompatible(String)

    public var description: String {
        switch self {
        case .banned(let reason): "it is banned here, since it \(reason)"
        case .halted: "the publisher has halted it"
        case .notInRollout: "it is not rolled out to this installation yet"
        case .incompatible(let what): "it needs \(what), which this host does not offer"
        }
    }
}

/// What the host offers, and which installation this is.
struct HostDescription {
    var versions: [String: String]
    var installation: String
}
