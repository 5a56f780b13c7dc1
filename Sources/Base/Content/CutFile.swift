package import InstarCryptography

/// What cutting found in one file.
package struct CutFile: Hashable, Sendable {
    /// A chunk, or a run of zero bytes.
    package struct Piece: Hashable, Sendable {
        /// The digest of the bytes; that of nothing for zeros.
        package var digest: Digest
        package var size: UInt32
        package var isZero: Bool

        package init(digest: Digest, size: UInt32, isZero: Bool) {
            self.digest = digest
            self.size = size
            self.isZero = isZero
        }
    }

    /// The digest of the whole content.
    package var digest: Digest
    package var size: UInt64
    package var pieces: [Piece]

    package init(digest: Digest, size: UInt64, pieces: [Piece]) {
        self.digest = digest
        self.size = size
        self.pieces = pieces
    }
}

extension CutFile {
    /// The longest run of zeros that is one piece. Longer ones become several, since a size has 32 bits.
    private static let longestZeros: UInt64 = 1 << 30

    /// Writes down a run of zeros that has ended; none is left of it.
    mutating func append(zeros: inout UInt64) {
        while zeros > 0 {
            let size = min(zeros, CutFile.longestZeros)
            pieces.append(Piece(digest: .ofNoBytes, size: UInt32(size), isZero: true))
            zeros -= size
        }
    }
}

extension Digest {
    static let ofNoBytes = Digest(of: [])
}
