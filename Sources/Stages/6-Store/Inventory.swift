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
    /// Where each record begins, and at last where the last one ends.
    private let offsets: [Int]

    private static let magic = Array("instar inventory 1\n".utf8)

    /// The number of paths.
    package var count: Int { offsets.count - 1 }

    /// Reads an inventory; refused where it is not byte for byte what was written.
    package init(bytes: [UInt8]) throws(StoreError) {
        guard var reader = ByteReader(sealed: bytes, magic: Self.magic) else {
            throw .damaged("an inventory is none of Instar's, or does not match its own digest")
        }
        guard let version = reader.text(), let sequence = reader.number(), let digest = reader.digest(), let pages = reader.digests(),
            let count = reader.number(), count <= StoreLimits.files, let offsets = reader.skipRecords(Int(count))
        else { throw .damaged("an inventory ends too early") }
        release = ReleaseIdentity(version: version, sequence: sequence, digest: digest)
        self.pages = pages
        self.offsets = offsets
        self.bytes = bytes
    }

    /// An inventory in memory; `sorted` by path.
    init(release: ReleaseIdentity, pages: [Digest] = [], sorted: RecordRun) {
        self.release = release
        self.pages = pages
        bytes = sorted.bytes
        offsets = sorted.starts + [sorted.bytes.count]
    }

    /// The file's bytes; `sorted` by path.
    static func encode(release: ReleaseIdentity, pages: [Digest], sorted: RecordRun) -> [UInt8] {
        var writer = ByteWriter(bytes: magic)
        writer.reserve(sorted.bytes.count + (pages.count + 8) * Digest.byteCount)
        writer.text(release.version)
        writer.number(release.sequence)
        writer.digest(release.digest)
        writer.number(UInt64(pages.count))
        for page in pages { writer.digest(page) }
        writer.number(UInt64(sorted.starts.count))
        writer.append(sorted.bytes)
        return writer.sealed()
    }

    /// The file's bytes; `records` in any order.
    package static func encode(release: ReleaseIdentity, pages: [Digest], records: [FileRecord]) -> [UInt8] {
        encode(release: release, pages: pages, sorted: RecordRun(records).sorted())
    }

    package subscript(index: Int) -> FileRecord? {
        var reader = ByteReader(bytes, from: offsets[index], to: bytes.count)
        return reader.record()
    }

    /// The record of `path`.
    package func record(of path: String) -> FileRecord? { index(of: path).flatMap { self[$0] } }
}

// Looking things up without making values of whole records, for walks over all of them.
extension Inventory {
    /// Where the record of `path` is; nil where there is none.
    ///
    /// - Parameter guess: looked at first: whoever goes through paths in order gives the index after the last one.
    func index(of path: String, near guess: Int? = nil) -> Int? {
        if let guess, guess < count, compare(path, at: offsets[guess]) == 0 { return guess }
        let position = position(of: path)
        return position < count && compare(path, at: offsets[position]) == 0 ? position : nil
    }

    /// The index of the first record whose path does not sort before `path`.
    func position(of path: String) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if compare(path, at: offsets[middle]) > 0 { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// True where the release has something below the folder `path`.
    func hasFolder(_ path: String) -> Bool {
        let prefix = path + "/"
        let position = position(of: prefix)
        guard position < count else { return false }
        return pathBytes(position).starts(with: prefix.utf8)
    }

    /// The bytes of the path of a record.
    func pathBytes(_ index: Int) -> ArraySlice<UInt8> {
        let start = offsets[index] + 2
        return bytes[start..<(start + length(at: offsets[index]))]
    }

    /// The path of a record.
    func path(_ index: Int) -> String { String(decoding: pathBytes(index), as: UTF8.self) }

    /// The whole record as it is in the file.
    func recordBytes(_ index: Int) -> ArraySlice<UInt8> { bytes[offsets[index]..<offsets[index + 1]] }

    /// What is compared with the file system and with a manifest.
    func facts(_ index: Int) -> RecordFacts {
        // Reading an inventory has checked that every record lies within its bytes; the numbers are its last ones.
        let end = offsets[index + 1]
        return RecordFacts(letter: letter(index), tail: bytes[(end - RecordFacts.tailLength)..<end])
    }

    /// True for an empty folder of the release.
    func isEmptyFolder(_ index: Int) -> Bool { letter(index) == FileEntry.Kind.emptyDirectory.letter }

    private func letter(_ index: Int) -> UInt8 { bytes[offsets[index] + 2 + length(at: offsets[index])] }

    /// Below, equal to or above zero, as `wanted` sorts before, with or after the path of the record at `offset`.
    private func compare(_ wanted: String, at offset: Int) -> Int {
        let length = length(at: offset)
        return unsafe bytes.withUnsafeBytes { bytes in
            // Reading an inventory has checked that the path lies within its bytes.
            let path = unsafe UnsafeRawBufferPointer(rebasing: bytes[(offset + 2)..<(offset + 2 + length)])
            return unsafe wanted.withBytes { unsafe order($0, path) }
        }
    }

    private func length(at offset: Int) -> Int { Int(bytes[offset]) | Int(bytes[offset + 1]) << 8 }
}
