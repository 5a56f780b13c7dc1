/// How transfers are done. The defaults are what `docs/transfer.md` measured.
package struct TransferOptions: Sendable {
    /// How politely the line is used.
    package enum Mode: Hashable, Sendable {
        /// Someone is waiting: all of the line.
        case foreground
        /// A game is running: two requests at a time, small receive buffers, marked as less than best effort.
        case background
        /// Every byte costs: as in the background, and no byte is read in vain.
        case metered
    }

    /// Which proxy is used. Loopback addresses are never proxied unless one is named here.
    package enum Proxy: Hashable, Sendable {
        /// What `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy` say.
        case environment
        case none
        /// `http://host:port`, `https://…`, `socks5h://…`
        case address(String)

        /// False for an address that names no kind of proxy, or one that does not exist.
        var isUsable: Bool {
            guard case .address(let text) = self else { return true }
            let kinds = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"]
            return kinds.contains { text.lowercased().hasPrefix($0 + "://") && text.utf8.count > $0.utf8.count + 3 }
        }
    }

    /// Requests in flight at one time. On HTTP/1.1 each has a connection of its own.
    package var parallelRequests = 16
    /// Connections to one server where HTTP/2 carries several requests on each.
    package var multiplexedConnections = 16
    /// False keeps to HTTP/1.1 even where HTTP/2 is offered.
    package var allowsHTTP2 = true
    package var mode = Mode.foreground
    package var proxy = Proxy.environment
    /// A PEM file of certificate authorities in place of the system's.
    package var certificateAuthorities: String?
    /// `sha256//<base64>` of the public keys that a server may have, several parted by `;`.
    package var pinnedPublicKey: String?
    /// Bytes a second over all requests; nil for no limit.
    package var bytesPerSecond: UInt64?
    package var userAgent = "instar/0.1"
    /// What earlier runs learned about the mirrors.
    package var scores = MirrorScores()
    /// `TransferLimits.connectSeconds` and its fellows, changeable for lines that are slower than any known.
    package var connectSeconds = TransferLimits.connectSeconds
    package var stallSeconds = TransferLimits.stallSeconds
    package var slowSeconds = TransferLimits.slowSeconds
    package var firstBackoff = TransferLimits.firstBackoff
    package var failuresInARow = TransferLimits.failuresInARow

    package init() {}

    /// Requests in flight under the mode.
    var effectiveParallelRequests: Int { mode == .foreground ? max(1, parallelRequests) : min(2, max(1, parallelRequests)) }
    /// Bytes that may be read in vain under the mode.
    var effectiveSkippedBytes: UInt64 { mode == .metered ? 0 : TransferLimits.skippedBytes }
}
