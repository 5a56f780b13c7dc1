internal import InstarContent
internal import InstarCryptography
internal import InstarManifest

/// Finds for the chunks that an old release lacks the old content that they replace, by where they stand.
///
/// Chunks that both releases have are fixed points: what is new between two of them came, most likely, from what is gone
/// between the same two. A file's beginning and end are fixed points where the old release has a file at the same path, and
/// so are members of archives that have their counterparts already.
struct DeltaPairing {
    /// Bytes of new content in one pair, and of old content.
    static let largest = 4 << 20
    /// Chunks on each side of old content that the new release has, too, and that new content is compared with nevertheless.
    /// Measured on corpus Ppak: without 2.389 MB, one 2.327, two 2.243.
    private static let margin: UInt32 = 2

    private let base: DeltaBase
    /// Chunks of the old files that the new release has, by where they are there, growing.
    private var kept: [Digest: [UInt32]] = [:]
    /// Whether each old chunk is gone.
    let isGone: [Bool]
    /// For each old file the numbers of its chunks.
    let oldFiles: [Range<UInt32>]
    /// The old chunks that chunks of members correspond to.
    private var members: [UInt32: UInt32] = [:]
    /// What is dealt with already.
    private var paired: Set<Digest> = []

    /// - Parameter members: pairs that were found otherwise, whose content is left alone on both sides.
    init(_ base: DeltaBase, newChunks: Set<Digest>, members: [DeltaPair] = []) {
        self.base = base
        let old = base.changed.old.chunks
        let taken = Set(members.flatMap { $0.old.joined() })
        isGone = old.enumerated().map { !newChunks.contains($1.digest) && !taken.contains(UInt32($0)) }
        for (number, chunk) in old.enumerated() where !isGone[number] { kept[chunk.digest, default: []].append(UInt32(number)) }
        oldFiles = base.changed.old.ranges
        for member in members {
            paired.formUnion(member.new.map { base.changed.new.chunks[Int($0)].digest })
            guard let old = member.old.first else { continue }
            // What stands before and behind a member meets what stands there in the old archive.
            for number in member.new { self.members[number] = min(old.lowerBound + (number - member.new.lowerBound), old.upperBound - 1) }
            self.members[member.new.upperBound - 1] = old.upperBound - 1
        }
    }

    /// All runs of chunks that the old release lacks, each with its counterpart; `old` is empty where there is none.
    func pairs() -> [DeltaPair] {
        let new = base.changed.new
        var seen = paired
        var pairs: [DeltaPair] = []
        for (file, chunks) in new.ranges.enumerated() {
            var last: UInt32?
            var begin: UInt32?
            for number in chunks {
                let digest = new.chunks[Int(number)].digest
                if !base.chunks.contains(digest), seen.insert(digest).inserted {
                    begin = begin ?? number
                } else {
                    if let first = begin.take() { pairs += pair(first..<number, in: chunks, of: file, &last) }
                    last = place(of: number, after: last) ?? last
                }
            }
            if let first = begin { pairs += pair(first..<chunks.upperBound, in: chunks, of: file, &last) }
        }
        return pairs
    }

    /// Where the old files have a chunk of the new release: behind the last place if it is anywhere there.
    private func place(of number: UInt32, after last: UInt32?) -> UInt32? {
        if let place = members[number] { return place }
        guard let places = kept[base.changed.new.chunks[Int(number)].digest] else { return nil }
        guard let last else { return places[0] }
        return places.first { $0 > last } ?? places[0]
    }

    private func pair(_ run: Range<UInt32>, in file: Range<UInt32>, of number: Int, _ last: inout UInt32?) -> [DeltaPair] {
        let oldFile = base.replaced[number].map { oldFiles[Int($0)] }
        var old: [Range<UInt32>] = []
        if run.lowerBound > file.lowerBound {
            let before = place(of: run.lowerBound - 1, after: last.map { $0 > 0 ? $0 - 1 : 0 })
            if let before = before ?? last { old.append(gone(from: before + 1)) }
        } else if let oldFile {
            old.append(gone(from: oldFile.lowerBound, in: oldFile))
        }
        if run.upperBound < file.upperBound {
            if let after = place(of: run.upperBound, after: last) { old.append(gone(upTo: after)) }
        } else if let oldFile {
            old.append(gone(upTo: oldFile.upperBound, in: oldFile))
        }
        old = old.filter { !$0.isEmpty }.map(widened)
        if old.count == 2, old[0].overlaps(old[1]) {
            old = [min(old[0].lowerBound, old[1].lowerBound)..<max(old[0].upperBound, old[1].upperBound)]
        }
        return split(run, old)
    }

    /// The gone chunks from a place on, up to the next that is not gone or the end of the file.
    private func gone(from number: UInt32, in file: Range<UInt32>? = nil) -> Range<UInt32> {
        let file = file ?? self.file(of: number)
        var end = number
        while file.contains(end), isGone[Int(end)] { end += 1 }
        return number..<end
    }

    /// The gone chunks before a place, back to the last that is not gone or the beginning of the file.
    private func gone(upTo number: UInt32, in file: Range<UInt32>? = nil) -> Range<UInt32> {
        let file = file ?? self.file(of: number)
        var begin = number
        while begin > file.lowerBound, isGone[Int(begin) - 1] { begin -= 1 }
        return begin..<number
    }

    /// A run with some kept chunks on both sides: what is gone between the same two fixed points is not all that new content came from.
    private func widened(_ run: Range<UInt32>) -> Range<UInt32> {
        let file = file(of: run.lowerBound), margin = DeltaPairing.margin
        return max(file.lowerBound, run.lowerBound - min(margin, run.lowerBound))..<min(file.upperBound, run.upperBound + margin)
    }

    private func file(of number: UInt32) -> Range<UInt32> {
        let chunks = base.changed.old.chunks
        return Int(number) < chunks.count ? oldFiles[Int(chunks[Int(number)].file)] : number..<number
    }

    /// Cuts a long run into parts, each with the part of the old content that is as far from its beginning.
    private func split(_ run: Range<UInt32>, _ old: [Range<UInt32>]) -> [DeltaPair] {
        let chunks = base.changed.new.chunks
        let size = run.reduce(0) { $0 + Int(chunks[Int($1)].size) }
        var pairs: [DeltaPair] = []
        var begin = run.lowerBound, partSize = 0, done = 0
        for number in run {
            let chunkSize = Int(chunks[Int(number)].size)
            if partSize > 0, partSize + chunkSize > DeltaPairing.largest {
                pairs.append(DeltaPair(new: begin..<number, newSize: partSize, old: slice(old, done, partSize, of: size)))
                (begin, done, partSize) = (number, done + partSize, 0)
            }
            partSize += chunkSize
        }
        pairs.append(DeltaPair(new: begin..<run.upperBound, newSize: partSize, old: slice(old, done, partSize, of: size)))
        return pairs
    }

    /// As much of `old` as fits around the place that corresponds to `begin` of `size` bytes.
    private func slice(_ old: [Range<UInt32>], _ begin: Int, _ length: Int, of size: Int) -> [Range<UInt32>] {
        let numbers = old.flatMap { Array($0) }
        let sizes = numbers.map { Int(base.changed.old.chunks[Int($0)].size) }
        let total = sizes.reduce(0, +)
        guard total > DeltaPairing.largest else { return old }
        let middle = Int(Double(total) * (Double(begin) + Double(length) / 2) / Double(max(1, size)))
        let first = min(max(0, middle - DeltaPairing.largest / 2), total - DeltaPairing.largest)
        var position = 0
        var taken: [UInt32] = []
        for (number, size) in zip(numbers, sizes) {
            if position >= first, position + size <= first + DeltaPairing.largest { taken.append(number) }
            position += size
        }
        return taken.runs
    }
}
