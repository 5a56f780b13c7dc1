/// Where the members of a zip archive begin and end, so that the archive can be cut there: `.zip`, `.jar`, and the packs
/// of many games. Cut so, a member that did not change is the same chunks wherever it moved to, and a header whose time
/// stamp changed does not take its member along.
package enum ZipBoundaries {
    /// The offsets, growing, at which to cut; empty for files that are no zip archive, and for one that does not hold what it
    /// says, which is simply cut as any other file.
    package static func find(size: UInt64, reading read: ZipDirectory.Reader) throws -> [UInt64] {
        guard let directory = try unsafe ZipDirectory(size: size, reading: read) else { return [] }
        var boundaries: Set<UInt64> = [directory.offset]
        for member in directory.members {
            guard let content = try unsafe directory.content(of: member, reading: read) else { return [] }
            boundaries.formUnion([member.header, content.lowerBound, content.upperBound])
        }
        return boundaries.filter { $0 > 0 && $0 < size }.sorted()
    }
}
