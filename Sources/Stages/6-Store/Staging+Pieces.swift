internal import InstarContent
internal import InstarCryptography
internal import InstarDisk
internal import InstarManifest
package import InstarPlan
internal import Synchronization

// Files that are assembled from pieces.
extension Staging {
    /// Creates the file, so that it exists though no piece of it may come. Calling it again does nothing.
    package func create(_ file: UInt32) throws(StoreError) {
        guard case .file = planned(file).kind else { return }
        _ = try targets.file(file)
    }

    /// True where an interrupted staging has put this piece in place already: its bytes are read and hashed.
    package func holds(_ piece: Piece) throws(StoreError) -> Bool {
        guard try targets.existedBefore(piece.file), piece.size <= FrameLimits.maximumPlainSize else { return false }
        let target = try targets.file(piece.file).file
        var bytes = [UInt8](repeating: 0, count: Int(piece.size))
        let count = try onDisk { () throws(DiskError) in try target.read(into: &bytes, at: piece.fileOffset) }
        return count == bytes.count && Digest(of: bytes) == piece.digest
    }

    /// Puts a piece in place whose bytes were verified by its digest, which is noted: a file of which every piece came so need not
    /// be read again.
    package func write(_ piece: Piece, _ bytes: UnsafeRawBufferPointer) throws(StoreError) {
        try unsafe write(bytes, file: piece.file, offset: piece.fileOffset)
        targets.note(ChunkLedger(piece.digest, at: piece.fileOffset), in: piece.file)
    }

    /// Puts verified bytes in place.
    package func write(_ bytes: UnsafeRawBufferPointer, file: UInt32, offset: UInt64) throws(StoreError) {
        let planned = planned(file)
        guard offset <= planned.size, UInt64(bytes.count) <= planned.size - offset else { throw .wrongContent(planned.path) }
        let (target, isFresh) = try targets.file(file)
        if isFresh, bytes.count >= 4096, unsafe bytes.isZero {
            // What is not written is zeros and takes no space; the size may still have to be set.
            if planned.isSingleChunk { try onDisk { () throws(DiskError) in try target.truncate(to: planned.size) } }
            return
        }
        try onDisk { () throws(DiskError) in unsafe try target.write(bytes, at: offset) }
        let sum = written.add(UInt64(bytes.count))
        try onDisk { () throws(DiskError) in try earlySync.reached(sum) }
    }

    /// Puts verified bytes in place.
    package func write(_ bytes: [UInt8], file: UInt32, offset: UInt64) throws(StoreError) {
        try unsafe bytes.withUnsafeBytes { buffer in
            Result { () throws(StoreError) in unsafe try write(buffer, file: file, offset: offset) }
        }.get()
    }

    /// Closes a file that has all its pieces, and makes it read-only. The whole is hashed, unless this staging made the file and
    /// each of its chunks was verified as it was written. Symbolic links and empty folders among the planned files are made here.
    package func finish(_ file: UInt32) throws(StoreError) { try finish(file, hashing: false) }

    /// As `finish`; with `hashing` the whole is hashed in any case.
    func finish(_ file: UInt32, hashing: Bool) throws(StoreError) {
        let planned = planned(file)
        guard case .file = planned.kind else { return try place(planned.kind, at: planned.path) }
        let (target, _) = try targets.file(file)
        if hashing || !targets.isVerified(file, planned), try onDisk({ () throws(DiskError) in try target.digest() }) != planned.digest {
            throw .wrongContent(planned.path)
        }
        let status = try onDisk { () throws(DiskError) in
            try target.setPermissions(planned.kind.permissions)
            return try target.status()
        }
        guard status.size == planned.size else { throw .wrongContent(planned.path) }
        targets.close(file)
        record(
            FileRecord(
                path: planned.path.description, kind: planned.kind, size: planned.size, digest: planned.digest, modified: status.modified,
                inode: status.inode))
    }
}

extension UnsafeRawBufferPointer {
    /// True where every byte is zero.
    fileprivate var isZero: Bool {
        guard unsafe first == 0, unsafe last == 0 else { return false }
        return unsafe allSatisfy { $0 == 0 }
    }
}
