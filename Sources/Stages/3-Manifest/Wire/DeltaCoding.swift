internal import InstarContent
internal import InstarCryptography
internal import SwiftProtobuf
#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

extension DeltaReference {
    init(_ delta: WireDelta) throws(ManifestError) {
        guard let base = Digest(bytes: delta.base) else { throw .damaged("a delta has no base") }
        let digests = try delta.digests.digests("deltas"), frames = try delta.places.decoded()
        guard (1...2).contains(digests.count), frames.count == digests.count else {
            throw .damaged("a delta has \(digests.count) parts and \(frames.count) places")
        }
        guard Int(frames[0].plainSize) <= DeltaLimits.maximumIndexBytes else {
            throw .tooLarge("the index of a delta has \(frames[0].plainSize) bytes")
        }
        self.base = base
        index = Part(digest: digests[0], frame: frames[0])
        pages = digests.count == 2 ? Part(digest: digests[1], frame: frames[1]) : nil
    }

    var wire: WireDelta {
        let parts = [index] + (pages.map { [$0] } ?? [])
        return .with { delta in
            delta.base = base.bytes.asData
            delta.digests = Data(parts.map(\.digest))
            delta.places = WireFrames(parts.map(\.frame))
        }
    }
}

extension DeltaIndex {
    /// Decodes and checks the plain bytes of an index. Whether the ordinal numbers exist, only the two releases can tell.
    package init(decoding bytes: [UInt8]) throws(ManifestError) {
        guard bytes.count <= DeltaLimits.maximumIndexBytes else { throw .tooLarge("the index of a delta has \(bytes.count) bytes") }
        let wire: WireDeltaIndex
        do { wire = try WireDeltaIndex(serializedBytes: bytes) } catch {
            throw .damaged("the index of a delta is no protocol buffer of its schema")
        }
        guard wire.pageSizes.allSatisfy({ $0 > 0 && $0 <= UInt32(PageLimits.maximumBytes) }) else {
            throw .damaged("a delta has pages of impossible sizes")
        }
        pageSizes = wire.pageSizes
        pagePrefix = try wire.pageBase.decoded()
        let frames = try wire.frames.decoded()
        var chunks = try RunReader(wire.chunks, counts: wire.chunkRuns, frames: frames.count)
        var prefixes = try RunReader(wire.baseChunks, counts: wire.baseRuns, frames: frames.count)
        parts = []
        for frame in frames { parts.append(Part(frame: frame, chunks: try chunks.next(), prefix: try prefixes.next())) }
        guard chunks.isAtEnd, prefixes.isAtEnd else { throw .damaged("a delta has runs that belong to no frame") }
        frameDigests = try wire.frameDigests.digests("frames of a delta")
        guard frameDigests.isEmpty || frameDigests.count == parts.count else {
            throw .damaged("a delta has \(parts.count) frames and \(frameDigests.count) digests of them")
        }
        deflaters = try wire.decodedDeflaters()
        let inflations = try wire.inflations(chunks: parts.map(\.chunkCount), prefixes: parts.map(\.prefixCount))
        for (index, inflation) in inflations.enumerated() { parts[index].inflation = inflation }
    }

    /// The wire form: the same for the same values, always.
    package func encoded() -> [UInt8] {
        var wire = WireDeltaIndex()
        wire.pageSizes = pageSizes
        wire.pageBase = WireRuns(pagePrefix)
        wire.frames = WireFrames(parts.map(\.frame))
        wire.chunkRuns = parts.map { UInt32($0.chunks.count) }
        wire.chunks = WireRuns(parts.flatMap(\.chunks))
        wire.baseRuns = parts.map { UInt32($0.prefix.count) }
        wire.baseChunks = WireRuns(parts.flatMap(\.prefix))
        wire.frameDigests = Data(frameDigests)
        wire.set(parts.map(\.inflation), deflaters)
        return wire.bytes
    }
}

extension DeltaIndex.Part {
    fileprivate var chunkCount: Int { chunks.reduce(0) { $0 + $1.count } }
    fileprivate var prefixCount: Int { prefix.reduce(0) { $0 + $1.count } }
}

/// Deals the runs of an index out to its frames.
private struct RunReader {
    private var runs: ArraySlice<Range<UInt32>>
    private var counts: ArraySlice<UInt32>

    init(_ wire: WireRuns, counts: [UInt32], frames: Int) throws(ManifestError) {
        try requireCount(counts.count, frames, "numbers of runs")
        runs = try wire.decoded()[...]
        self.counts = counts[...]
    }

    mutating func next() throws(ManifestError) -> [Range<UInt32>] {
        guard let count = counts.popFirst(), Int(count) <= runs.count else { throw .damaged("a delta has too few runs") }
        defer { runs = runs.dropFirst(Int(count)) }
        return Array(runs.prefix(Int(count)))
    }

    var isAtEnd: Bool { runs.isEmpty }
}

extension WireRuns {
    init(_ runs: [Range<UInt32>]) {
        var end: Int64 = 0
        for run in runs {
            gaps.append(Int64(run.lowerBound) - end)
            lengths.append(UInt32(run.count))
            end = Int64(run.upperBound)
        }
    }

    func decoded() throws(ManifestError) -> [Range<UInt32>] {
        try requireCount(lengths.count, gaps.count, "lengths of runs")
        guard gaps.count <= DeltaLimits.maximumRuns else { throw .tooLarge("a delta has \(gaps.count) runs") }
        guard lengths.reduce(0, { $0 + Int($1) }) <= DeltaLimits.maximumChunks else { throw .tooLarge("a delta names too many chunks") }
        var end: Int64 = 0
        var runs: [Range<UInt32>] = []
        runs.reserveCapacity(gaps.count)
        for (gap, length) in zip(gaps, lengths) {
            let begin = end &+ gap
            guard (0...Int64(UInt32.max)).contains(begin), length > 0, begin + Int64(length) <= Int64(UInt32.max) else {
                throw .damaged("a delta has an impossible run")
            }
            end = begin + Int64(length)
            runs.append(UInt32(begin)..<UInt32(end))
        }
        return runs
    }
}
