internal import InstarContent
internal import InstarCryptography
internal import InstarDisk
internal import InstarManifest
internal import InstarThreads

/// A member of an archive that the old release lacks, and the member of the old release that has its name.
struct MemberPair: Sendable {
    var new: PlacedMember
    /// What the tool that made it said of its level.
    var flags: UInt16
    /// The archive of the new release, as a number among its changed files.
    var file: Int
    var old: OldMember?
}

/// A member of an old archive. Which chunks it is says its header, which is in old content and not looked at before that is wanted.
struct OldMember: Sendable {
    var archive: ReleaseArchive
    var member: ZipDirectory.Member
}

/// Finds the members of changed archives that are worth being looked at in their inflated form.
///
/// The counterpart of a member is the one with the same name in the archive at the same path; where there is none, in
/// another archive of which the new release has another version, or none. Which of those whose name is gone is like one whose
/// name is new, their content tells.
struct MemberPairing {
    let base: DeltaBase
    let build: Build
    let pages: RepositoryPages
    private let oldFiles: [Range<UInt32>]
    private let newFiles: [Range<UInt32>]

    init(_ base: DeltaBase, build: Build, pages: RepositoryPages) {
        (self.base, self.build, self.pages) = (base, build, pages)
        (oldFiles, newFiles) = (base.changed.old.ranges, base.changed.new.ranges)
    }

    /// An archive of the new release with the members that the old one lacks some content of, in the order of the archive.
    private struct Changed: Sendable {
        var archive: ReleaseArchive
        var members: [(member: ZipDirectory.Member, placed: PlacedMember)]
    }

    /// All pairs, in the order of the new release, and the old members whose names the new release does not have.
    func pairs() throws -> (pairs: [MemberPair], gone: [OldMember]) {
        let changed = try newArchives()
        guard !changed.isEmpty else { return ([], []) }
        let old = try OldMembers(oldArchives(for: changed.map(\.archive)))
        var seen: Set<Digest> = []
        var pairs: [MemberPair] = []
        for (archive, members) in changed.map({ ($0.archive, $0.members) }) {
            var end: UInt32 = 0
            for (member, placed) in members where placed.chunks.lowerBound >= end && isNew(placed, &seen) {
                let counterpart = old.member(named: member.name, like: base.replaced[archive.file])
                // A stored member is there as it is: only an old one that is deflated makes a difference.
                guard placed.isDeflated || counterpart?.isDeflated == true else { continue }
                pairs.append(MemberPair(new: placed, flags: member.flags, file: archive.file, old: counterpart))
                end = placed.chunks.upperBound
            }
        }
        return (pairs, old.members(without: Set(changed.flatMap { $0.archive.directory.members.map(\.name) })))
    }

    /// Whether some of a member's content is in neither the old release nor a member before.
    private func isNew(_ member: PlacedMember, _ seen: inout Set<Digest>) -> Bool {
        let lacking = member.content.map { base.changed.new.chunks[Int($0)].digest }.filter { !base.chunks.contains($0) }
        return lacking.reduce(false) { seen.insert($1).inserted || $0 }
    }

    private func newArchives() throws -> [Changed] {
        let large = newFiles.indices.filter { build.items[base.entries[$0]].size >= Cutting.smallestZip }
        return try Workers.map(count: large.count, tools: {}) { _, index in
            let number = large[index], item = build.items[base.entries[number]], file = try build.open(item.path)
            let read: (UnsafeMutableRawBufferPointer, UInt64) throws -> Int = { unsafe try file.read(into: $0, at: $1) }
            let archive = try unsafe ReleaseArchive(file: number, chunks: newFiles[number], size: item.size, reading: read)
            guard let archive else { return Changed?.none }
            let members = archive.members.sorted { $0.header < $1.header }
            let placed = try members.compactMap { member in
                try unsafe archive.place(member, in: base.changed.new, reading: read).map { (member: member, placed: $0) }
            }
            return Changed(archive: archive, members: placed.filter { isLacking($0.placed) })
        }.compactMap(\.self)
    }

    private func isLacking(_ member: PlacedMember) -> Bool {
        member.content.contains { !base.chunks.contains(base.changed.new.chunks[Int($0)].digest) }
    }

    /// The archives of the old release at the same paths; where one is missing there, those too that are gone.
    private func oldArchives(for archives: [ReleaseArchive]) throws -> [ReleaseArchive] {
        var wanted = Set(archives.compactMap { base.replaced[$0.file].map(Int.init) })
        if archives.contains(where: { base.replaced[$0.file] == nil }) {
            wanted.formUnion(Set(oldFiles.indices).subtracting(base.replaced.compactMap { $0.map(Int.init) }))
        }
        let files = wanted.filter { base.oldSizes[$0] >= Cutting.smallestZip }.sorted()
        return try Workers.map(count: files.count, tools: { OldContent(of: base, in: pages) }) { content, index in
            let file = files[index]
            return try unsafe ReleaseArchive(file: file, chunks: oldFiles[file], size: base.oldSizes[file]) {
                unsafe try content.read(into: $0, at: $1, of: oldFiles[file], size: base.oldSizes[file])
            }
        }.compactMap(\.self)
    }

    /// Which chunks an old member is.
    func place(_ old: OldMember, _ content: inout OldContent) throws -> PlacedMember? {
        let file = old.archive.file
        return try unsafe old.archive.place(old.member, in: base.changed.old) {
            unsafe try content.read(into: $0, at: $1, of: oldFiles[file], size: base.oldSizes[file])
        }
    }
}

extension OldMember {
    var isDeflated: Bool { member.method == 8 }
}

/// The members of old archives by name.
private struct OldMembers {
    private let archives: [ReleaseArchive]
    /// By file, then name.
    private var own: [Int: [ArraySlice<UInt8>: ZipDirectory.Member]] = [:]
    /// The first archive that has a member of the name.
    private var all: [ArraySlice<UInt8>: Int] = [:]

    init(_ archives: [ReleaseArchive]) {
        self.archives = archives
        for (index, archive) in archives.enumerated() {
            let named = Dictionary(archive.members.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
            own[archive.file] = named
            for name in named.keys where all[name] == nil { all[name] = index }
        }
    }

    func member(named name: ArraySlice<UInt8>, like file: UInt32?) -> OldMember? {
        if let file, let member = own[Int(file)]?[name], let archive = archives.first(where: { $0.file == Int(file) }) {
            return OldMember(archive: archive, member: member)
        }
        guard let index = all[name], let member = own[archives[index].file]?[name] else { return nil }
        return OldMember(archive: archives[index], member: member)
    }

    /// All members with other names than these.
    func members(without names: Set<ArraySlice<UInt8>>) -> [OldMember] {
        archives.flatMap { archive in
            archive.members.filter { !names.contains($0.name) }.map { OldMember(archive: archive, member: $0) }
        }
    }
}
