internal import InstarCryptography
internal import InstarManifest
internal import InstarPlan
internal import InstarStore

/// Compressed frames of a delta that were fetched to work out digests of its pages, and are not fetched again for their content.
struct FramesAtHand {
    private struct Place: Hashable {
        var bundle: Digest
        var offset: UInt64
    }

    private let store: Store
    private var digests: [Place: Digest] = [:]

    init(_ store: Store, of index: DeltaIndex? = nil) {
        self.store = store
        guard let index, index.frameDigests.count == index.parts.count else { return }
        for (part, digest) in zip(index.parts, index.frameDigests) {
            digests[Place(bundle: part.frame.bundle, offset: part.frame.offset)] = digest
        }
    }

    /// Takes the frames that are at hand out of `fetches`.
    func takeOut(of fetches: inout [Fetch]) throws -> [(frame: PlannedFrame, compressed: Digest)] {
        guard !digests.isEmpty else { return [] }
        var found: [(frame: PlannedFrame, compressed: Digest)] = []
        fetches = try fetches.flatMap { fetch in
            let before = found.count
            let rest = try fetch.frames.filter { frame in
                guard let digest = digests[Place(bundle: fetch.bundle, offset: frame.offset)], try store.pages.hasPage(digest) else {
                    return true
                }
                found.append((frame, digest))
                return false
            }
            return found.count == before ? [fetch] : fetch.narrowed(to: rest)
        }
        return found
    }

    /// The compressed bytes; nil where they are lost.
    func content(_ compressed: Digest) throws -> [UInt8]? { try store.pages.content(compressed) }
}
