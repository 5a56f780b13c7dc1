internal import InstarDownload
internal import InstarPlan
internal import InstarStore
internal import InstarTransfer
internal import Synchronization

/// The content that an update fetches, on its way into a staged tree. Holds of the plan what that takes, and no more.
final class Download: Sendable {
    /// What frames of deltas are decoded with.
    let prefixes: LocalPrefixes
    private let wanted: Mutex<(fetches: [Fetch], pieces: [Piece])>
    private let inflations: [FrameInflation]
    private let transfer: Transfer
    private let staging: Staging
    private let observer: @Sendable (UpdateEvent) -> Void
    private let total: UInt64
    private let done = Atomic<UInt64>(0)
    private let refused = Mutex<[Piece]>([])

    /// - Parameter fetches: those of the plan that are left to fetch.
    init(
        _ fetches: [Fetch], of plan: Plan, transfer: Transfer, staging: Staging, observer: @escaping @Sendable (UpdateEvent) -> Void
    ) {
        wanted = Mutex((fetches, plan.pieces))
        inflations = plan.inflations
        prefixes = LocalPrefixes(parts: plan.prefixes, trees: staging.sources)
        (self.transfer, self.staging, self.observer) = (transfer, staging, observer)
        total = plan.pieces.reduce(0) { $0 + UInt64($1.size) }
        let coming = fetches.reduce(0) { $0 + UInt64($1.range.count) }
        if !plan.fetches.isEmpty { transfer.expect(bytes: transfer.statistics.bytes + coming, saved: plan.cost.bytesReused) }
    }

    /// Fetches, verifies and writes everything, and forgets what that was. Calls `mayWrite` before each write, on several threads.
    func run(_ mayWrite: @escaping @Sendable () throws -> Void) throws {
        let (fetches, pieces) = wanted.withLock { $0 }
        defer { wanted.withLock { $0 = ([], []) } }
        unsafe try Downloader(transfer: transfer).fetch(
            fetches, pieces: pieces, prefixes: prefixes.parts.isEmpty && inflations.isEmpty ? nil : prefixes, inflations: inflations,
            refused: { frame in self.refuse(pieces[frame.pieces]) },
            receive: { piece, bytes in
                try mayWrite()
                unsafe try self.receive(piece, bytes)
            })
    }

    /// Takes a verified piece.
    @Sendable func receive(_ piece: Piece, _ bytes: UnsafeRawBufferPointer) throws {
        try unsafe staging.write(piece, bytes)
        observer(.progress(.fetch, done: done.add(UInt64(piece.size), ordering: .relaxed).newValue, total: total))
    }

    /// These pieces have to come from elsewhere.
    func refuse(_ pieces: ArraySlice<Piece>) { refused.withLock { $0 += pieces } }

    /// Pieces whose delta needs local content that turned out to be something else.
    var lost: [Piece] { refused.withLock { $0 } }
}
