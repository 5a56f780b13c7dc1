internal import InstarTransfer

/// How politely updates use the line.
public enum NetworkUse: String, Hashable, Sendable, CaseIterable {
    /// Someone is waiting: all of the line.
    case foreground
    /// A game is being played: two requests at a time, marked as less than best effort.
    case background
    /// Every byte costs: as in the background, and no byte is read in vain.
    case metered
}

/// Which proxy updates go through. This machine itself is never asked through one unless it is named here.
public enum ProxyUse: Hashable, Sendable {
    /// What `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy` say.
    case environment
    case none
    /// `http://host:port`, `https://…`, `socks5h://…`
    case address(String)
}

/// How a download goes, at most ten times a second.
public struct TransferProgress: Hashable, Sendable {
    /// Bytes that came so far, metadata included.
    public var bytes: UInt64
    /// Bytes that are to come in all, once the plan says.
    public var expectedBytes: UInt64?
    /// A moving average over the last seconds.
    public var bytesPerSecond: Double
    /// At the present rate; nil where it or the end is not known.
    public var secondsLeft: Double?
    /// Bytes of the release that need not be fetched.
    public var savedBytes: UInt64
}

extension TransferProgress {
    init(_ statistics: TransferStatistics) {
        bytes = statistics.bytes
        expectedBytes = statistics.expectedBytes
        bytesPerSecond = statistics.bytesPerSecond
        secondsLeft = statistics.secondsLeft
        savedBytes = statistics.savedBytes
    }
}

extension TransferOptions {
    /// What a configuration says of the network.
    init(_ configuration: UpdaterConfiguration, scores: MirrorScores) {
        self.init()
        mode =
            switch configuration.network {
            case .foreground: .foreground
            case .background: .background
            case .metered: .metered
            }
        proxy =
            switch configuration.proxy {
            case .environment: .environment
            case .none: .none
            case .address(let address): .address(address)
            }
        bytesPerSecond = configuration.bytesPerSecond
        certificateAuthorities = configuration.certificateAuthorities
        pinnedPublicKey = configuration.pinnedPublicKey
        self.scores = scores
    }
}
