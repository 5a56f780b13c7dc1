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
        try holds(piece.digest, size: piece.size, file: piece.file, offset: piece.fileOffset)
    }

    /// As `holds` for a piece that would be copied.
    package func holds(_ copy: Copy) throws(StoreError) -> Bool {
        try holds(copy.digest, size: copy.size, file: copy.file, offset: copy.fileOffset)
    }

    /// Puts a verified piece in place.
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
        written.add(UInt64(bytes.count))
    }

    /// Puts a verified piece in place.
    package func write(_ bytes: [UInt8], file: UInt32, offset: UInt64) throws(StoreError) {
        try unsafe bytes.withUnsafeBytes { buffer in
            Result { () throws(StoreError) in unsafe try write(buffer, file: file, offset: offset) }
        }.get()
    }

    /// Copies a chunk from another file of this machine, hashing it on the way. False where the source is not what it
    /// should be (changed, cut off, gone): then the caller fetches the chunk.
    package func copy(_ copy: Copy) throws(StoreError) -> Bool {
        guard let source = sources.file(copy.source, of: copy.generation) else { return false }
        if try copyBytes(copy, from: source) == copy.digest { return true }
        // Something wrong may have been written: what is not written again is no longer known to be zeros.
        targets.distrust(copy.file)
        return false
    }

    /// The digest of what was copied; nil where the source ends too early or cannot be read.
    private func copyBytes(_ copy: Copy, from source: File) throws(StoreError) -> Digest? {
        var hash = SHA256()
        var buffer = [UInt8](repeating: 0, count: min(Int(copy.size), 1 << 20))
        var done: UInt64 = 0
        while done < copy.size {
            let wanted = min(buffer.count, Int(UInt64(copy.size) - done))
            if wanted < buffer.count { buffer.removeLast(buffer.count - wanted) }
            guard let count = try? source.read(into: &buffer, at: copy.sourceOffset + done), count == wanted else { return nil }
            hash.update(buffer)
            try write(buffer, file: copy.file, offset: copy.fileOffset + done)
            done += UInt64(count)
        }
        return hash.finalize()
    }

    /// Closes a file that has all its pieces: the whole is hashed, unless it is one verified chunk, and becomes read-only.
    /// Symbolic links and empty folders among the planned files are made here.
    package func finish(_ file: UInt32) throws(StoreError) { try finish(file, hashing: false) }

    /// As `finish`; with `hashing` the whole is hashed in any case.
    func finish(_ file: UInt32, hashing: Bool) throws(StoreError) {
        let planned = planned(file)
        guard case .file = planned.kind else { return try place(planned.kind, at: planned.path) }
        let (target, _) = try targets.file(file)
        if hashing || !planned.isSingleChunk, try onDisk({ () throws(DiskError) in try target.digest() }) != planned.digest {
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

    private func holds(_ digest: Digest, size: UInt32, file: UInt32, offset: UInt64) throws(StoreError) -> Bool {
        guard try targets.existedBefore(file) else { return false }
        let target = try targets.file(file).file
        var bytes = [UInt8](repeating: 0, count: Int(size))
        let count = try onDisk { () throws(DiskError) in try target.read(into: &bytes, at: offset) }
        return count == bytes.count && Digest(of: bytes) == digest
    }
}

extension UnsafeRawBufferPointer {
    /// True where every byte is zero.
    fileprivate var isZero: Bool {
        guard unsafe first == 0, unsafe last == 0 else { return false }
        return unsafe allSatisfy { $0 == 0 }
    }
}
