internal import InstarContent
internal import InstarDisk
internal import InstarManifest
internal import InstarThreads

/// What the members of changed archives are called, so that what stands in an archive can be told apart as files are.
struct MemberNames {
    private struct Member: Sendable {
        var begin: UInt64
        var name: [UInt8]
    }

    /// For each changed file of the new release its members in the order of their places; none where it is no archive.
    private let members: [[Member]]

    init(_ base: DeltaBase, build: Build) throws {
        members = try Workers.map(count: base.changed.new.files.count, tools: {}) { _, index in
            let item = build.items[base.entries[index]]
            guard item.size >= Cutting.smallestZip else { return [] }
            let file = try build.open(item.path)
            return try unsafe MemberNames.members(size: item.size) { unsafe try file.read(into: $0, at: $1) }
        }
    }

    /// The name of the member that a byte of a file belongs to.
    func name(at offset: UInt64, of file: Int) -> [UInt8]? {
        members[file][..<members[file].countBefore { $0.begin > offset }].last?.name
    }

    private static func members(size: UInt64, reading read: ZipDirectory.Reader) throws -> [Member] {
        if let zip = try unsafe ZipDirectory(size: size, reading: read) {
            return zip.members.map { Member(begin: $0.header, name: Array($0.name)) }.sorted { $0.begin < $1.begin }
        }
        return try unsafe TarDirectory(size: size, reading: read)?.members.map { Member(begin: $0.header, name: $0.name) } ?? []
    }
}
