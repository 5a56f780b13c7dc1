internal import InstarManifest

/// The order in which pairs go into frames: files of one kind and name together, wherever they lie, be it in an archive. The same
/// text in many languages, or the same part of many units, changes alike, and a frame writes once what stands in it twice.
///
/// Measured: frames of 2.316 MB in path order and 2.242 in this one on corpus P, of 2.411 and 2.372 on its archive.
struct DeltaOrder {
    private struct Key: Comparable {
        var kind: ArraySlice<UInt8>
        var name: ArraySlice<UInt8>
        var number: UInt32

        static func < (left: Key, right: Key) -> Bool {
            if left.kind != right.kind { return left.kind.lexicographicallyPrecedes(right.kind) }
            if left.name != right.name { return left.name.lexicographicallyPrecedes(right.name) }
            return left.number < right.number
        }
    }

    private let new: ChangedChunks.Side
    private let members: MemberNames

    init(_ base: DeltaBase, build: Build) throws {
        new = base.changed.new
        members = try MemberNames(base, build: build)
    }

    func sorted(_ pairs: [DeltaPair]) -> [DeltaPair] {
        pairs.map { (key: key(of: $0), pair: $0) }.sorted { $0.key < $1.key }.map(\.pair)
    }

    private func key(of pair: DeltaPair) -> Key {
        // Chunks reach over the ends of members: what lies in the middle is what most of them are.
        let chunk = new.chunks[Int(pair.new.lowerBound + UInt32(pair.new.count / 2))]
        let member = members.name(at: chunk.offset + UInt64(chunk.size / 2), of: Int(chunk.file))
        let path = member ?? Array(new.files[Int(chunk.file)].path.description.utf8)
        let name = path[(path.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0)...]
        let kind = name.lastIndex(of: UInt8(ascii: ".")).map { name[($0 + 1)...] } ?? []
        return Key(kind: kind, name: name, number: pair.new.lowerBound)
    }
}
