internal import InstarManifest

/// The order in which pairs go into frames: files of one kind and name together, wherever they lie. The same text in many
/// languages, or the same part of many units, changes alike, and a frame writes once what stands in it twice.
///
/// Measured on corpus P: frames of 2.316 MB in path order, 2.242 in this one.
struct DeltaOrder {
    private struct Key: Comparable {
        var kind: Substring
        var name: Substring
        var number: UInt32

        static func < (left: Key, right: Key) -> Bool {
            (left.kind, left.name, left.number) < (right.kind, right.name, right.number)
        }
    }

    private let new: ChangedChunks.Side

    init(_ base: DeltaBase) { new = base.changed.new }

    func sorted(_ pairs: [DeltaPair]) -> [DeltaPair] {
        pairs.map { (key: key(of: $0), pair: $0) }.sorted { $0.key < $1.key }.map(\.pair)
    }

    private func key(of pair: DeltaPair) -> Key {
        let path = new.files[Int(new.chunks[Int(pair.new.lowerBound)].file)].path.description
        let name = path.split(separator: "/").last ?? ""
        let kind = name.lastIndex(of: ".").map { name[name.index(after: $0)...] } ?? ""
        return Key(kind: kind, name: name, number: pair.new.lowerBound)
    }
}
