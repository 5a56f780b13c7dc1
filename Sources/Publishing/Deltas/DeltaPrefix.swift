internal import InstarManifest

/// The old content that a frame is compressed with, as it grows.
struct DeltaPrefix: Hashable, Sendable {
    /// Consecutive chunks of the old release.
    struct Part: Hashable, Sendable {
        var chunks: Range<UInt32>
        /// Bytes in the prefix.
        var size: Int
        /// Whether they are one raw deflate stream, which is inflated in the prefix.
        var isStream = false
    }

    private(set) var parts: [Part] = []
    private(set) var size = 0

    mutating func append(_ part: Part) {
        size += part.size
        if let last = parts.last, last.chunks.upperBound == part.chunks.lowerBound, !last.isStream, !part.isStream {
            parts[parts.count - 1].chunks = last.chunks.lowerBound..<part.chunks.upperBound
            parts[parts.count - 1].size += part.size
        } else {
            parts.append(part)
        }
    }

    /// All chunks in order, neighbours as one run.
    var runs: [Range<UInt32>] {
        parts.reduce(into: []) { runs, part in
            if let last = runs.last, last.upperBound == part.chunks.lowerBound {
                runs[runs.count - 1] = last.lowerBound..<part.chunks.upperBound
            } else {
                runs.append(part.chunks)
            }
        }
    }

    /// The streams, as places among all chunks counted from the first.
    var streams: [Range<Int>] {
        var position = 0
        return parts.compactMap { part in
            defer { position += part.chunks.count }
            return part.isStream ? position..<position + part.chunks.count : nil
        }
    }
}

extension DeltaPair {
    /// Its old content in the pieces that a prefix holds whole or not at all.
    func oldParts(in base: DeltaBase) -> [DeltaPrefix.Part] {
        let chunks = base.changed.old.chunks
        func single(_ numbers: Range<UInt32>) -> [DeltaPrefix.Part] {
            numbers.map { DeltaPrefix.Part(chunks: $0..<$0 + 1, size: Int(chunks[Int($0)].size)) }
        }
        guard let stream = inflation?.old else { return old.flatMap(single) }
        return old.flatMap { run in
            guard run.contains(stream.chunks.lowerBound) else { return single(run) }
            return single(run.lowerBound..<stream.chunks.lowerBound)
                + [DeltaPrefix.Part(chunks: stream.chunks, size: stream.size, isStream: true)]
                + single(stream.chunks.upperBound..<run.upperBound)
        }
    }
}
