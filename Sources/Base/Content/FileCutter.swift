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
        CutFile.append(zeros: &zeros, to: &file)
        if file.pieces.count > 1 || file.pieces.first?.isZero == true { file.digest = fileHash.finalize() }
        return file
    }

    /// Takes the piece with which `bytes` begin. A file that is one chunk is hashed once.
    private mutating func piece(_ bytes: UnsafeRawBufferPointer, of file: inout CutFile, zeros: inout UInt64, isWhole: Bool) -> Int {
        let run = unsafe bytes.leadingZeros
        // Zeros that went on to the end of the buffer may go on at its beginning.
        if run >= cutting.least || (zeros > 0 && run > 0) {
            unsafe fileHash.update(UnsafeRawBufferPointer(rebasing: bytes[..<run]))
            zeros += UInt64(run)
            file.size += UInt64(run)
            return run
        }
        CutFile.append(zeros: &zeros, to: &file)
        let chunk = unsafe UnsafeRawBufferPointer(rebasing: bytes[..<cutting.cut(bytes)])
        unsafe chunkHash.update(chunk)
        let digest = chunkHash.finalize()
        if isWhole && chunk.count == bytes.count { file.digest = digest } else { unsafe fileHash.update(chunk) }
        file.pieces.append(CutFile.Piece(digest: digest, size: UInt32(chunk.count), isZero: false))
        file.size += UInt64(chunk.count)
        return chunk.count
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

extension CutFile {
    /// The longest run of zeros that is one piece. Longer ones become several, since a size has 32 bits.
    private static let longestZeros: UInt64 = 1 << 30

    /// Writes down a run of zeros that has ended.
    fileprivate static func append(zeros: inout UInt64, to file: inout CutFile) {
        while zeros > 0 {
            let size = min(zeros, longestZeros)
            file.pieces.append(Piece(digest: .ofNoBytes, size: UInt32(size), isZero: true))
            zeros -= size
        }
    }
}

extension Digest {
    fileprivate static let ofNoBytes = Digest(of: [])
}
