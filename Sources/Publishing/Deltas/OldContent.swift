internal import InstarContent
internal import InstarCryptography
internal import InstarManifest

/// Reads old chunks out of the repository's bundles. One reader serves one thread.
struct OldContent {
    let base: DeltaBase
    let pages: RepositoryPages
    /// The frames that were read last: neighbours in the old release lie in few frames.
    private var recent: [(frame: UInt32, plain: [UInt8])] = []
    private static let capacity = 12

    init(of base: DeltaBase, in pages: RepositoryPages) {
        self.base = base
        self.pages = pages
    }

    /// The chunks with these ordinal numbers, one after the other.
    mutating func read(_ runs: [Range<UInt32>]) throws -> [UInt8] {
        var bytes: [UInt8] = []
        for run in runs {
            for number in run { bytes += try read(Int(number)) }
        }
        return bytes
    }

    mutating func read(_ number: Int) throws -> ArraySlice<UInt8> {
        let place = base.places[number], chunk = base.changed.old.chunks[number]
        let plain = try frame(place.frame)
        guard Int(place.start) + Int(chunk.size) <= plain.count else {
            throw PublishError.damagedRepository("the chunk \(chunk.digest) reaches over its frame")
        }
        return plain[Int(place.start)..<Int(place.start) + Int(chunk.size)]
    }

    private mutating func frame(_ number: UInt32) throws -> [UInt8] {
        if let known = recent.lastIndex(where: { $0.frame == number }) { return recent[known].plain }
        if recent.count == OldContent.capacity { recent.removeFirst() }
        recent.append((number, try pages.read(base.frames[Int(number)])))
        return recent[recent.count - 1].plain
    }
}

extension OldContent {
    /// Reads up to the buffer's size from an offset of a file; says how many bytes. Holes are zeros.
    ///
    /// - Parameters:
    ///   - file: the numbers of its chunks.
    ///   - size: its bytes.
    mutating func read(
        into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64, of file: Range<UInt32>, size: UInt64
    ) throws -> Int {
        guard offset < size else { return 0 }
        let count = Int(min(UInt64(buffer.count), size - offset)), end = offset + UInt64(count)
        unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[..<count]).initializeMemory(as: UInt8.self, repeating: 0)
        let chunks = base.changed.old.chunks
        var number = Int(file.lowerBound)
        number += chunks[number..<Int(file.upperBound)].countBefore { $0.offset + UInt64($0.size) > offset }
        while number < Int(file.upperBound), chunks[number].offset < end {
            let chunk = chunks[number], content = try read(number)
            let from = max(offset, chunk.offset), to = min(end, chunk.offset + UInt64(chunk.size))
            let wanted = content.dropFirst(Int(from - chunk.offset)).prefix(Int(to - from))
            unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[Int(from - offset)..<Int(to - offset)]).copyBytes(from: wanted)
            number += 1
        }
        return count
    }
}
