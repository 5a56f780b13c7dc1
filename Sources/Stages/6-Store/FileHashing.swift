internal import InstarCryptography
internal import InstarDisk

extension File {
    /// The digest of the whole content.
    func digest() throws(DiskError) -> Digest {
        let size = try status().size
        var hashing = FileHashing(atMost: size)
        return try hashing.digest(of: self, size: size)
    }
}

/// Hashes one file after another with the same memory and the same context, which is most of the work for small files.
struct FileHashing: ~Copyable {
    private var hash = SHA256()
    private var buffer: [UInt8]

    /// Bytes that are read at once: few enough to stay in the processor's second cache until they are hashed.
    private static let pieceSize: UInt64 = 1 << 18

    /// - Parameter size: that of the largest file to come; the memory that it takes is bounded in any case.
    init(atMost size: UInt64 = .max) {
        buffer = [UInt8](repeating: 0, count: Int(min(Self.pieceSize, max(1, size))))
    }

    /// The digest of the first `size` bytes of `file`, of fewer where it ends before.
    mutating func digest(of file: File, size: UInt64) throws(DiskError) -> Digest {
        var offset: UInt64 = 0
        while offset < size {
            let wanted = Int(min(UInt64(buffer.count), size - offset))
            let count = try feed(file, wanted, at: offset)
            offset += UInt64(count)
            if count < wanted { break }
        }
        return hash.finalize()
    }

    /// Hashes the next `wanted` bytes; answers how many there were.
    private mutating func feed(_ file: File, _ wanted: Int, at offset: UInt64) throws(DiskError) -> Int {
        let piece: Result<Int, DiskError> = unsafe buffer.withUnsafeMutableBytes { memory in
            let room = unsafe UnsafeMutableRawBufferPointer(rebasing: memory[..<wanted])
            return Result { () throws(DiskError) in unsafe try file.read(into: room, at: offset) }
        }
        let count: Int
        do { count = try piece.get() } catch {
            // The context is used again: what it has of this file goes.
            _ = hash.finalize()
            throw error
        }
        unsafe buffer.withUnsafeBytes { unsafe hash.update(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
        return count
    }
}
