/// What an update tells while it goes on.
public enum UpdateEvent: Sendable {
    /// A step of the data path begins.
    case began(UpdateStep)
    /// Bytes that are through, of all that the step has to do. Called often, from several threads.
    case progress(UpdateStep, done: UInt64, total: UInt64)
    /// How the download goes: rate and time left for whoever waits.
    case transfer(TransferProgress)
    /// The plan is made: what the update is going to cost.
    case planned(UpdateCost)
    /// Local content turned out to be something else than when the plan was made: so many bytes of it are fetched instead.
    case sourcesChanged(bytes: UInt64)
}

/// The steps of the data path that take time.
public enum UpdateStep: String, Sendable, CaseIterable {
    case refresh, pages, plan, link, copy, fetch, finish, seal, activate
}

/// What an update costs, as its plan says beforehand.
public struct UpdateCost: Sendable, Hashable {
    /// Bytes of content to download, what is read over between ranges included.
    public var bytesDownloaded: UInt64
    /// Bytes of the release that are on this machine already.
    public var bytesReused: UInt64
    /// Bytes to be written, which is also how much more disk the update takes.
    public var bytesWritten: UInt64
    /// Ranged requests for content.
    public var requests: UInt64
    public var filesLinked: UInt64
    public var filesWritten: UInt64
    /// Of the downloaded bytes, those that only bridge two wanted ranges.
    public var bytesReadOver: UInt64
    /// Of the downloaded bytes, those of deltas.
    public var bytesOfDeltas: UInt64
    /// Bytes of the release that the deltas bring.
    public var bytesFromDeltas: UInt64
    /// Of the reused bytes, those that are copied, by where they are. The others are in files that are linked.
    public var sources: [UpdateSource]
}

/// Content of a release that is on this machine already, in files other than those that stay.
public struct UpdateSource: Sendable, Hashable {
    public enum Place: Sendable, Hashable, CustomStringConvertible {
        /// A generation of the store, by its number.
        case generation(UInt64)
        /// The directory shipped with the app.
        case shipped

        public var description: String {
            switch self {
            case .generation(let number): "generation \(number)"
            case .shipped: "shipped"
            }
        }
    }

    public var place: Place
    /// Plain bytes that are copied from there.
    public var bytes: UInt64
}
