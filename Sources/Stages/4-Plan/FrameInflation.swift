package import InstarContent
package import InstarManifest

/// What of a delta's frame and of its prefix is inflated, in bytes: whoever decodes the frame deflates it again.
package struct FrameInflation: Hashable, Sendable {
    /// A raw deflate stream among the frame's chunks.
    package struct Stream: Hashable, Sendable {
        /// Where it begins in the chunks.
        package var start: UInt32
        /// Bytes in the chunks.
        package var deflatedSize: UInt32
        /// Bytes in the frame.
        package var size: UInt32
        package var parameters: DeflateParameters
    }

    /// Which parts of the frame's prefix, counted from its first, are raw deflate streams.
    package var prefix: [Range<Int>]
    /// Bytes of the prefix when these are inflated.
    package var prefixSize: UInt32
    package private(set) var content: [Stream] = []
    /// Bytes of all chunks, one after the other.
    package private(set) var size: UInt32

    /// Nil where a stream is not where its chunks are, or there is more than `maximumSize` of them.
    ///
    /// - Parameters:
    ///   - chunks: the sizes of the frame's chunks.
    ///   - prefix: those of its prefix.
    package init?(
        _ inflation: DeltaInflation, of chunks: [UInt32], prefix: [UInt32], deflaters: [DeltaDeflater], maximumSize: UInt32
    ) {
        let starts = chunks.reduce(into: [UInt64(0)]) { $0.append($0[$0.count - 1] + UInt64($1)) }
        guard let size = starts.last, size <= UInt64(maximumSize), inflation.prefix.allSatisfy({ $0.upperBound <= prefix.count }) else {
            return nil
        }
        self.size = UInt32(size)
        self.prefix = inflation.prefix
        prefixSize = inflation.prefix.isEmpty ? UInt32(clamping: prefix.reduce(0) { $0 + UInt64($1) }) : inflation.prefixSize
        var last = 0
        for stream in inflation.content {
            guard stream.chunks.lowerBound >= last, stream.chunks.upperBound <= chunks.count, stream.deflater < deflaters.count else {
                return nil
            }
            last = stream.chunks.upperBound
            let start = UInt32(starts[stream.chunks.lowerBound]), end = UInt32(starts[stream.chunks.upperBound])
            content.append(
                Stream(
                    start: start, deflatedSize: end - start, size: stream.size, parameters: deflaters[stream.deflater].parameters))
        }
    }

    /// Bytes of the frame.
    var inflatedSize: UInt64 {
        content.reduce(UInt64(size)) { $0 + UInt64($1.size) } - content.reduce(0) { $0 + UInt64($1.deflatedSize) }
    }
}
