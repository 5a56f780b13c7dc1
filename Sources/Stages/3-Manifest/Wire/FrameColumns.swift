internal import InstarContent
internal import InstarCryptography
internal import SwiftProtobuf
#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

extension Frame {
    /// Where a bundle may end. Bundles are about 32 MB; the limit keeps sums of hostile offsets from overflowing.
    static let maximumBundleBytes: UInt64 = 1 << 40
}

extension WireFrames {
    /// Places in the given order; the bundles in the order of their first use.
    init(_ frames: [Frame]) {
        var indexes: [Digest: UInt32] = [:]
        var names: [Digest] = []
        var ends: [UInt64] = []
        for frame in frames {
            let index = indexes[frame.bundle] ?? UInt32(names.count)
            if index == names.count {
                indexes[frame.bundle] = index
                names.append(frame.bundle)
                ends.append(0)
            }
            bundle.append(index)
            gap.append(Int64(bitPattern: frame.offset &- ends[Int(index)]))
            compressed.append(frame.compressedSize)
            plain.append(frame.plainSize)
            ends[Int(index)] = frame.offset &+ UInt64(frame.compressedSize)
        }
        bundles = Data(names)
    }

    /// The frames, each with an offset and sizes that a decoder may allocate for.
    func decoded() throws(ManifestError) -> [Frame] {
        let names = try bundles.digests("bundles")
        try requireCount(gap.count, bundle.count, "frame offsets")
        try requireCount(compressed.count, bundle.count, "compressed sizes")
        try requireCount(plain.count, bundle.count, "plain sizes")
        var ends = [UInt64](repeating: 0, count: names.count)
        var frames: [Frame] = []
        frames.reserveCapacity(bundle.count)
        for index in bundle.indices {
            let name = Int(bundle[index])
            guard name < names.count else { throw .damaged("a frame lies in bundle \(name) of \(names.count)") }
            let frame = Frame(
                bundle: names[name], offset: ends[name] &+ UInt64(bitPattern: gap[index]), compressedSize: compressed[index],
                plainSize: plain[index])
            try frame.check()
            ends[name] = frame.offset + UInt64(frame.compressedSize)
            frames.append(frame)
        }
        return frames
    }
}

extension Frame {
    /// Refuses a place outside every possible bundle and sizes that no compressor produces.
    fileprivate func check() throws(ManifestError) {
        guard offset <= Frame.maximumBundleBytes else { throw .damaged("a frame begins at byte \(offset) of its bundle") }
        guard plainSize > 0, plainSize <= FrameLimits.maximumPlainSize else { throw .damaged("a frame has \(plainSize) plain bytes") }
        guard compressedSize > 0, compressedSize <= FrameLimits.maximumCompressedSize(plain: plainSize) else {
            throw .damaged("a frame has \(compressedSize) compressed bytes for \(plainSize) plain ones")
        }
    }
}
