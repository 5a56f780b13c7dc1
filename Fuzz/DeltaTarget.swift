import InstarContent
import InstarCryptography
import InstarManifest
import InstarPlan

/// Any bytes as the index of a delta: what is read holds what readers take for granted, is written as the same again, and becomes
/// offers to a plan without a trap.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    guard let index = try? DeltaIndex(decoding: bytes) else { return 0 }
    guard let again = try? DeltaIndex(decoding: index.encoded()), again == index else { fatalError("not stable") }
    for part in index.parts { check(part, index) }
    return 0
}

private func check(_ part: DeltaIndex.Part, _ index: DeltaIndex) {
    let chunks = part.chunks.reduce(0) { $0 + $1.count }, prefix = part.prefix.reduce(0) { $0 + $1.count }
    // Sizes of chunks are in the manifests: these may be anything.
    guard chunks + prefix < 100_000 else { return }
    let sizes = (0..<max(chunks, prefix)).map { UInt32(truncatingIfNeeded: $0 &* 40_503 &+ Int(part.frame.plainSize)) }
    var inflation: FrameInflation?
    if let inflated = part.inflation {
        var end = 0
        for stream in inflated.content {
            precondition(stream.chunks.lowerBound >= end && stream.chunks.upperBound <= chunks && !stream.chunks.isEmpty)
            precondition(stream.deflater < index.deflaters.count && stream.size <= FrameLimits.maximumPlainSize)
            end = stream.chunks.upperBound
        }
        precondition(inflated.prefix.allSatisfy { $0.upperBound <= prefix } && inflated.prefixSize <= FrameLimits.maximumPrefixSize)
        for limit in [FrameLimits.maximumPlainSize, .max] {
            inflation = FrameInflation(
                inflated, of: Array(sizes.prefix(chunks)), prefix: Array(sizes.prefix(prefix)), deflaters: index.deflaters,
                maximumSize: limit)
        }
    }
    _ = OfferedDelta(
        frame: part.frame, chunks: sizes.prefix(chunks).map { .init(digest: Digest(of: []), size: $0) }, prefix: [], inflation: inflation,
        maximumPrefix: FrameLimits.maximumPrefixSize)
}
