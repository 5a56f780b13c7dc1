internal import InstarContent
internal import InstarManifest

/// New content next to the old content that it probably came from. Numbers are ordinal, as in `ChangedChunks`.
struct DeltaPair: Hashable, Sendable {
    /// What of a pair is one raw deflate stream each, and inflated in a frame and its prefix.
    struct Inflation: Hashable, Sendable {
        struct Stream: Hashable, Sendable {
            /// Some of the pair's chunks.
            var chunks: Range<UInt32>
            /// Inflated bytes.
            var size: Int
        }

        var new: Stream?
        /// What deflates `new` to what it is.
        var parameters: DeflateParameters?
        var old: Stream?
    }

    /// Consecutive chunks of one file of the new release.
    var new: Range<UInt32>
    /// Bytes in a frame.
    var newSize: Int
    /// Chunks of the old release that the new one has not.
    var old: [Range<UInt32>]
    var inflation: Inflation?
}

extension ChangedChunks.Side {
    /// For each file the numbers of its chunks.
    var ranges: [Range<UInt32>] {
        var ranges: [Range<UInt32>] = []
        ranges.reserveCapacity(files.count)
        var begin = 0
        for file in files.indices {
            var end = begin
            while end < chunks.count, chunks[end].file == file { end += 1 }
            ranges.append(UInt32(begin)..<UInt32(end))
            begin = end
        }
        return ranges
    }
}

extension [UInt32] {
    /// Consecutive numbers as ranges.
    var runs: [Range<UInt32>] {
        var runs: [Range<UInt32>] = []
        for number in self {
            if let last = runs.last, last.upperBound == number {
                runs[runs.count - 1] = last.lowerBound..<number + 1
            } else {
                runs.append(number..<number + 1)
            }
        }
        return runs
    }
}
