package import InstarCryptography
package import InstarManifest

/// What a generation consists of, as staging left it: the release, the manifest pages it came from, and a record of
/// every path, sorted, found by binary search in the file's own bytes.
///
/// The file: magic, version text, sequence, digest, pages, count, the records, and the digest of all of that.
/// Numbers are little-endian; texts are a two-byte length and UTF-8.
package struct Inventory: Sendable {
    package let release: ReleaseIdentity
    package let pages: [Digest]
    private let bytes: [UInt8]
    /// Where each record begins.
    private let offsets: [Int]

    private static let magic = Array("instar inventory 1\n".utf8)

    /// The number of paths.
    package var count: Int { offsets.count }

    /// Reads an inventory; refused where it is not byte for byte what was written.
    package init(bytes: [UInt8]) throws(StoreError) {
        guard var reader = ByteReader(sealed: bytes, magic: Self.magic) else {
            throw .damaged("an inventory is none of Instar's, or does not match its own digest")
        }
        guard let version = reader.text(), let sequence = reader.number(), let digest = reader.digest(), let pages = reader.digests(),
            let count = reader.number(), count <= StoreLimits.files
        else { throw .damaged("an inventory ends too early") }
        release = ReleaseIdentity(version: version, sequence: sequence, digest: digest)
        self.pages = pages
        var offsets: [Int] = []
        offsets.reserveCapacity(Int(count))
        for _ in 0..<count {
            offsets.append(reader.position)
            guard reader.skipRecord() else { throw .damaged("an inventory ends too early") }
        }
        self.offsets = offsets
        self.bytes = bytes
    }

    /// The file's bytes; `records` in any order.
    package static func encode(release: ReleaseIdentity, pages: [Digest], records: [FileRecord]) -> [UInt8] {
        var writer = ByteWriter(bytes: magic)
        writer.text(release.version)
        writer.number(release.sequence)
        writer.digest(release.digest)
        writer.number(UInt64(pages.count))
        for page in pages { writer.digest(page) }
        writer.number(UInt64(records.count))
        for record in records.sorted(by: { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }) { writer.record(record) }
        return writer.sealed()
    }

    package subscript(index: Int) -> FileRecord? {
        var reader = ByteReader(bytes, from: offsets[index], to: bytes.count)
        return reader.record()
    }

    /// The record of `path`.
    package func record(of path: String) -> FileRecord? {
        var low = 0
        var high = offsets.count
        let wanted = Array(path.utf8)
        while low < high {
            let middle = (low + high) / 2
            let order = compare(wanted, at: offsets[middle])
            if order == 0 { return self[middle] }
            if order > 0 { low = middle + 1 } else { high = middle }
        }
        return nil
    }

    /// Below, equal to or above zero, as `wanted` sorts before, with or after the path of the record at `offset`.
    private func compare(_ wanted: [UInt8], at offset: Int) -> Int {
        let length = Int(bytes[offset]) | Int(bytes[offset + 1]) << 8
        // Reading an inventory has checked that every record lies within its bytes.
        for index in 0..<min(length, wanted.count) {
            let (left, right) = (wanted[index], bytes[offset + 2 + index])
            if left != right { return left < right ? -1 : 1 }
        }
        return wanted.count - length
    }
}
