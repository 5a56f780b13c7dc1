internal import InstarContent
internal import InstarCryptography
internal import InstarManifest
internal import InstarThreads

/// Which pairs share a frame: many small changes together, as far as a client's memory allows.
struct DeltaPacking {
    /// Plain bytes of a frame and of its prefix: what a client holds of each at a time.
    static let frameSize = Int(FrameLimits.maximumPlainSize)
    static let prefixSize = 8 << 20

    /// What goes into one frame.
    struct Group: Hashable, Sendable {
        var pairs: [DeltaPair] = []
        var prefix: [Range<UInt32>] = []
        var size = 0
        var prefixSize = 0

        var chunks: [Range<UInt32>] { pairs.flatMap { Array($0.new) }.runs }
    }

    private let base: DeltaBase

    init(_ base: DeltaBase) { self.base = base }

    /// The frames, each of files of one pack, since not every client has every pack.
    func groups(of pairs: [DeltaPair]) -> [Group] {
        let new = base.changed.new
        func packOf(_ pair: DeltaPair) -> String { new.files[Int(new.chunks[Int(pair.new.lowerBound)].file)].pack }
        var groups: [Group] = []
        for pack in Set(pairs.map(packOf)).sorted() {
            var group = Group()
            var present: Set<UInt32> = []
            for pair in pairs where packOf(pair) == pack {
                let added = pair.old.joined().filter { !present.contains($0) }
                let addedSize = added.reduce(0) { $0 + Int(base.changed.old.chunks[Int($1)].size) }
                if group.size + pair.newSize > DeltaPacking.frameSize || group.prefixSize + addedSize > DeltaPacking.prefixSize {
                    if !group.pairs.isEmpty { groups.append(group) }
                    (group, present) = (Group(), [])
                    add(pair, pair.old.flatMap { Array($0) }, to: &group, &present)
                } else {
                    add(pair, added, to: &group, &present)
                }
            }
            if !group.pairs.isEmpty { groups.append(group) }
        }
        return groups
    }

    private func add(_ pair: DeltaPair, _ old: [UInt32], to group: inout Group, _ present: inout Set<UInt32>) {
        group.pairs.append(pair)
        group.size += pair.newSize
        for number in old where present.insert(number).inserted {
            group.prefixSize += Int(base.changed.old.chunks[Int(number)].size)
            if let last = group.prefix.last, last.upperBound == number {
                group.prefix[group.prefix.count - 1] = last.lowerBound..<number + 1
            } else {
                group.prefix.append(number..<number + 1)
            }
        }
    }
}
