internal import InstarCryptography
internal import InstarPlan

// The pieces of a frame in its plain content.
extension ArraySlice<Piece> {
    /// The first piece whose bytes do not have its digest. Pieces of the same chunk follow each other and are hashed once.
    func firstDamaged(in content: UnsafeRawBufferPointer) -> Piece? {
        var verified: (start: UInt32, size: UInt32, digest: Digest)?
        for piece in self {
            if let verified, verified == (piece.start, piece.size, piece.digest) { continue }
            guard unsafe Digest(of: piece.bytes(in: content)) == piece.digest else { return piece }
            verified = (piece.start, piece.size, piece.digest)
        }
        return nil
    }

    /// Hands every piece on with its bytes.
    func handOn(from content: UnsafeRawBufferPointer, to receive: (Piece, UnsafeRawBufferPointer) throws -> Void) rethrows {
        for piece in self { unsafe try receive(piece, piece.bytes(in: content)) }
    }
}

extension Piece {
    /// Its bytes in the plain content of a frame, inside which it was checked to be.
    fileprivate func bytes(in content: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(rebasing: content[Int(start)..<Int(start) + Int(size)])
    }
}
