package import InstarCryptography
package import InstarManifest

/// Which chunks lie where in a file, as one number: that of all of them is the sum of that of each, in any order.
///
/// Staging adds up what it has verified and written. Where the sum is the one that the manifest's chunks come to, each of them
/// is in its place, so the file is what the manifest names and need not be read again. It guards against omissions and mistakes,
/// not against enemies: every chunk in the sum was verified by its digest.
package struct ChunkLedger: Hashable, Sendable {
    private var sum: UInt64 = 0

    package init() {}

    /// The chunk with this digest at this offset of the file.
    package init(_ digest: Digest, at offset: UInt64) {
        // The mixer of SplitMix64, so that neither exchanged places nor a chunk that came twice add up to the same.
        var mixed = digest.prefix ^ (offset &* 0x9E37_79B9_7F4A_7C15)
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        sum = mixed ^ (mixed >> 31)
    }

    /// A whole file of these chunks.
    package init(of chunks: [Chunk]) {
        var offset: UInt64 = 0
        for chunk in chunks {
            if !chunk.isHole { add(ChunkLedger(chunk.digest, at: offset)) }
            offset += UInt64(chunk.size)
        }
    }

    package mutating func add(_ other: ChunkLedger) { sum &+= other.sum }
}
