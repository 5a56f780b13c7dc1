internal import InstarCryptography

/// Cuts files into chunks and hashes them in the same pass, in a fixed amount of memory whatever the file's size.
/// One cutter serves any number of files, one after the other.
@safe package struct FileCutter: ~Copyable {
    private let cutting: Cutting
    // Allocated once, freed by `deinit`, never handed out.
    private let buffer: UnsafeMutableRawBufferPointer
    private var chunkHash = SHA256()
    private var fileHash = SHA256()

    package init(cutting: Cutting) {
        self.cutting = cutting
        unsafe buffer = .allocate(byteCount: max(1 << 20, cutting.greatest * 4), alignment: 16)
    }

    deinit {
        unsafe buffer.deallocate()
    }

    /// Cuts one file.
    ///
    /// - Parameters:
    ///   - boundaries: Offsets, growing, at which a chunk ends in any case: where the file's format says that parts meet.
    ///   - read: Fills what it is given as far as it can and says how many bytes it wrote; 0 at the end.
    package mutating func cut(
        at boundaries: [UInt64] = [], reading read: (UnsafeMutableRawBufferPointer) throws -> Int
    ) throws -> CutFile {
        var boundaries = boundaries[...]
        var file = CutFile(digest: .ofNoBytes, size: 0, pieces: [])
        var zeros: UInt64 = 0
        var filled = 0, position = 0, isAtEnd = false
        while true {
            if filled - position < cutting.greatest, !isAtEnd {
                filled = try unsafe refill(from: position, to: filled, isAtEnd: &isAtEnd, reading: read)
                position = 0
            }
            if position == filled { break }
            boundaries = boundaries.drop { $0 <= file.size }
            let room = min(UInt64(filled - position), (boundaries.first ?? .max) - file.size)
            let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[position..<position + Int(room)])
            let isWhole = isAtEnd && file.size == 0 && position + Int(room) == filled
            position += unsafe piece(rest, of: &file, zeros: &zeros, isWhole: isWhole)
        }
        file.append(zeros: &zeros)
        if file.pieces.count > 1 || file.pieces.first?.isZero == true { file.digest = fileHash.finalize() }
        return file
    }

    /// Takes the piece with which `bytes` begin. A file that is one chunk is hashed once.
    private mutating func piece(_ bytes: UnsafeRawBufferPointer, of file: inout CutFile, zeros: inout UInt64, isWhole: Bool) -> Int {
        let (length, isZero) = unsafe cutting.piece(bytes, followsZeros: zeros > 0)
        let piece = unsafe UnsafeRawBufferPointer(rebasing: bytes[..<length])
        file.size += UInt64(length)
        if isZero {
            unsafe fileHash.update(piece)
            // Zeros that went on to the end of the buffer may go on at its beginning.
            zeros += UInt64(length)
            return length
        }
        file.append(zeros: &zeros)
        unsafe chunkHash.update(piece)
        let digest = chunkHash.finalize()
        if isWhole && length == bytes.count { file.digest = digest } else { unsafe fileHash.update(piece) }
        file.pieces.append(CutFile.Piece(digest: digest, size: UInt32(length), isZero: false))
        return length
    }

    /// Moves what is left to the front of the buffer and fills the rest.
    private func refill(
        from position: Int, to filled: Int, isAtEnd: inout Bool, reading read: (UnsafeMutableRawBufferPointer) throws -> Int
    ) throws -> Int {
        var end = filled - position
        unsafe buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[position..<filled]))
        while unsafe end < buffer.count {
            let count = try unsafe read(UnsafeMutableRawBufferPointer(rebasing: buffer[end...]))
            if count == 0 {
                isAtEnd = true
                break
            }
            end += count
        }
        return end
    }
}
