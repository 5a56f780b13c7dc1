internal import InstarCryptography
internal import InstarDownload
internal import InstarManifest
internal import InstarPlan
internal import InstarStore
internal import InstarTransfer

/// Brings those pages of a manifest into the store that it does not have: level by level, each level in few requests.
struct ReleasePages {
    let store: Store
    let transfer: Transfer

    /// Fetches until no page is missing. Every page is verified by its digest before it is kept.
    func complete(_ manifest: Manifest, observer: (UpdateEvent) -> Void) throws {
        let pages = store.pages
        let downloader = Downloader(transfer: transfer)
        while true {
            let missing = try manifest.missingPages(in: pages)
            guard !missing.isEmpty else { return }
            observer(.began(.pages))
            let (fetches, pieces) = Self.fetches(for: missing)
            unsafe try downloader.fetch(fetches, pieces: pieces, priority: .metadata) { piece, bytes in
                try pages.put(unsafe Array(bytes), digest: piece.digest)
            }
        }
    }

    /// Pages lie alone in their frames, so each is one piece that is its whole frame.
    private static func fetches(for pages: [PageReference]) -> ([Fetch], [Piece]) {
        let pieces = pages.map { Piece(digest: $0.digest, size: $0.frame.plainSize, start: 0, file: 0, fileOffset: 0) }
        let wanted = pages.enumerated().map { WantedFrame(frame: $1.frame, pieces: $0..<$0 + 1) }
        return (RangeMerging().fetches(of: wanted), pieces)
    }
}
