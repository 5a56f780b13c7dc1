internal import InstarContent
internal import InstarManifest

/// A member of an archive as chunks of a release. Numbers are ordinal, as in `ChangedChunks`.
struct PlacedMember: Hashable, Sendable {
    /// Its header, its content, and what stands between that and what comes next.
    var chunks: Range<UInt32>
    /// Its content alone.
    var content: Range<UInt32>
    var isDeflated: Bool
    /// Bytes of the content, inflated if it is deflated, as the archive says.
    var plainSize: Int
}

/// A zip archive among the changed files of one of two releases.
struct ReleaseArchive: Sendable {
    /// More bytes than this between a member and the next header are not the member's: a check sum behind it has at most 24.
    private static let longestTrailer: UInt64 = 4096
    /// Inflated bytes of a member above which it is left as it is: with its header it must fit into one frame, or one prefix.
    static let largestMember: UInt64 = 7 << 20

    /// Its number among the files of its side.
    let file: Int
    let directory: ZipDirectory
    private let chunks: Range<UInt32>
    /// Where headers, and the directory, begin, growing.
    private let beginnings: [UInt64]

    /// Nil for a file that is no archive.
    init?(file: Int, chunks: Range<UInt32>, size: UInt64, reading read: ZipDirectory.Reader) throws {
        guard size >= Cutting.smallestZip, let directory = try unsafe ZipDirectory(size: size, reading: read) else { return nil }
        (self.file, self.chunks, self.directory) = (file, chunks, directory)
        beginnings = (directory.members.map(\.header) + [directory.offset]).sorted()
    }

    /// The members that can be dealt with one by one: not encrypted, in one of the two common methods, neither empty nor large.
    var members: [ZipDirectory.Member] {
        directory.members.filter { member in
            member.flags & 1 == 0 && [0, 8].contains(member.method) && member.compressedSize > 0
                && (1...ReleaseArchive.largestMember).contains(member.plainSize)
                && member.compressedSize <= ReleaseArchive.largestMember
        }
    }

    /// Which chunks a member is; nil where chunks do not begin and end with it.
    func place(_ member: ZipDirectory.Member, in side: ChangedChunks.Side, reading read: ZipDirectory.Reader) throws -> PlacedMember? {
        guard let bytes = try unsafe directory.content(of: member, reading: read),
            let header = side.run(in: chunks, member.header..<bytes.lowerBound), let content = side.run(in: chunks, bytes)
        else { return nil }
        var end = content.upperBound
        let next = beginnings[beginnings.countBefore { $0 >= bytes.upperBound }...].first ?? bytes.upperBound
        if next > bytes.upperBound, next - bytes.upperBound <= ReleaseArchive.longestTrailer,
            let trailer = side.run(in: chunks, bytes.upperBound..<next)
        {
            end = trailer.upperBound
        }
        return PlacedMember(
            chunks: header.lowerBound..<end, content: content, isDeflated: member.method == 8, plainSize: Int(member.plainSize))
    }
}

extension ChangedChunks.Side {
    /// The chunks of one file that are exactly these bytes of it; nil where there are none, or a hole is among them.
    fileprivate func run(in file: Range<UInt32>, _ bytes: Range<UInt64>) -> Range<UInt32>? {
        let numbers = Int(file.lowerBound)..<Int(file.upperBound)
        let begin = numbers.lowerBound + chunks[numbers].countBefore { $0.offset >= bytes.lowerBound }
        var end = begin, position = bytes.lowerBound
        while end < numbers.upperBound, position < bytes.upperBound, chunks[end].offset == position {
            position += UInt64(chunks[end].size)
            end += 1
        }
        return position == bytes.upperBound && begin < end ? UInt32(begin)..<UInt32(end) : nil
    }
}

extension RandomAccessCollection {
    /// How many elements stand before the first for which `isBehind` answers true, as it does for all after that.
    func countBefore(_ isBehind: (Element) -> Bool) -> Int {
        var low = 0, high = count
        while low < high {
            let middle = (low + high) / 2
            if isBehind(self[index(startIndex, offsetBy: middle)]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
