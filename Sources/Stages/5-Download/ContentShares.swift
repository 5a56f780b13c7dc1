internal import InstarCryptography
internal import InstarPlan
internal import InstarThreads

/// The pieces of one large frame, for all processors to verify and to hand on side by side.
struct ContentShares {
    private let shares: [ArraySlice<Piece>]

    init(_ pieces: ArraySlice<Piece>) {
        shares = pieces.shares { Int($0.size) }
    }

    /// The first piece whose bytes do not have its digest.
    func firstDamaged(in content: UnsafeRawBufferPointer) throws -> Piece? {
        // Nobody writes to the content, and all threads are through before this returns.
        nonisolated(unsafe) let content = unsafe content
        return try Workers.map(count: shares.count, tools: {}) { _, share in unsafe shares[share].firstDamaged(in: content) }
            .lazy.compactMap(\.self).first
    }

    /// Hands every piece on with its bytes, on several threads at once.
    func handOn(from content: UnsafeRawBufferPointer, to receive: @Sendable (Piece, UnsafeRawBufferPointer) throws -> Void) throws {
        // As above.
        nonisolated(unsafe) let content = unsafe content
        try Workers.forEach(count: shares.count) { share in unsafe try shares[share].handOn(from: content, to: receive) }
    }

    /// The digests of chunks that follow each other and are all of `content`, given their sizes.
    static func digests(of sizes: [UInt32], in content: UnsafeRawBufferPointer) throws -> [Digest] {
        // As above.
        nonisolated(unsafe) let content = unsafe content
        var end = 0
        let chunks = sizes.map { size in
            end += Int(size)
            return end - Int(size)..<end
        }
        let shares = chunks.shares(ofBytes: \.count)
        return try Workers.map(count: shares.count, tools: {}) { _, share in
            shares[share].map { unsafe Digest(of: UnsafeRawBufferPointer(rebasing: content[$0])) }
        }.flatMap { $0 }
    }
}
