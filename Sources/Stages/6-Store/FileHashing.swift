internal import InstarCryptography
internal import InstarDisk

extension File {
    /// The digest of the whole content, read in pieces.
    func digest() throws(DiskError) -> Digest {
        var hash = SHA256()
        var offset: UInt64 = 0
        var buffer = [UInt8](repeating: 0, count: Int(min(1 << 18, max(4096, try status().size + 1))))
        while true {
            let count = try read(into: &buffer, at: offset)
            if count == buffer.count { hash.update(buffer) } else { hash.update(Array(buffer[..<count])) }
            offset += UInt64(count)
            if count < buffer.count { return hash.finalize() }
        }
    }
}
