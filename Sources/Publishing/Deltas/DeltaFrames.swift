internal import InstarContent
internal import InstarCryptography
internal import InstarManifest
internal import InstarThreads

/// Compresses the frames of a delta.
struct DeltaFrames {
    /// A frame must take at most this share of what its content takes without a delta.
    private static let worthwhileShare = 0.97

    struct Made: Sendable {
        var group: DeltaPacking.Group
        var bytes: [UInt8]
        /// Compressed bytes that a client fetches less.
        var saved: Int
        /// The chunks in it that every client can get by it: those of files that are always installed.
        var digests: [Digest]

        /// What pages can leave out; nil where something is inflated, which not every client can undo.
        var content: NewPages.Content? {
            group.pairs.contains { $0.inflation != nil } ? nil : NewPages.Content(compressedSize: bytes.count, digests: digests)
        }
    }

    let trial: DeltaTrial
    /// zstd's.
    let level: Int

    private struct Tools: ~Copyable {
        var reader: InflatedReader
        var encoder: FrameEncoder
    }

    /// Of several arrangements of the same content the frames by which clients save most; of equal ones the first.
    ///
    /// - Parameter assembly: knows what the same content costs without a delta.
    func best(
        of arrangements: [[DeltaPacking.Group]], _ assembly: ReleaseAssembly, progress: @Sendable (UInt64) -> Void
    ) throws -> [Made] {
        var best: (frames: [Made], saved: Int) = ([], 0)
        for groups in arrangements {
            let frames = try made(of: groups, assembly, progress), saved = frames.reduce(0) { $0 + $1.saved }
            if saved > best.saved { best = (frames, saved) }
        }
        return best.frames
    }

    /// The frames that are worth it.
    private func made(
        of groups: [DeltaPacking.Group], _ assembly: ReleaseAssembly, _ progress: @Sendable (UInt64) -> Void
    ) throws -> [Made] {
        let all = try Workers.map(
            count: groups.count, tools: { Tools(reader: try InflatedReader(trial), encoder: try FrameEncoder(level: level)) }
        ) { tools, index in
            let group = groups[index]
            var plain: [UInt8] = []
            plain.reserveCapacity(group.size)
            for pair in group.pairs { plain += try tools.reader.content(of: pair) }
            let prefix = try tools.reader.content(of: group.prefix)
            let bytes = try tools.encoder.encode(plain, prefix: prefix, isChecked: group.isDeflated)
            progress(UInt64(group.size))
            let new = trial.base.changed.new
            let common = group.chunks.joined().map { new.chunks[Int($0)] }.filter { new.files[Int($0.file)].pack == FileEntry.basePack }
            return Made(
                group: group, bytes: bytes, saved: Int(cost(of: group, assembly)) - bytes.count, digests: common.map(\.digest))
        }
        return all.filter { Double($0.bytes.count) < Double($0.saved + $0.bytes.count) * DeltaFrames.worthwhileShare }
    }

    /// What the content that the old release lacks takes in the frames of the manifest. A member holds some that it has.
    private func cost(of group: DeltaPacking.Group, _ assembly: ReleaseAssembly) -> Double {
        group.chunks.joined().reduce(0.0) { sum, number in
            let chunk = trial.base.changed.new.chunks[Int(number)]
            return trial.base.chunks.contains(chunk.digest) ? sum : sum + assembly.cost(of: chunk.digest, size: chunk.size)
        }
    }
}

extension DeltaIndex {
    /// The index of frames that lie where they stay.
    init(of frames: [(made: DeltaFrames.Made, place: Frame)], _ pages: NewPages) throws {
        self.init(pageSizes: pages.sizes, pagePrefix: pages.prefix)
        if pages.isSparse { frameDigests = frames.map { Digest(of: $0.made.bytes) } }
        for (made, place) in frames {
            let group = made.group
            parts.append(Part(frame: place, chunks: group.chunks, prefix: group.prefix.runs, inflation: try inflation(of: group)))
        }
    }

    /// What of a frame is inflated; its deflaters are added.
    private mutating func inflation(of group: DeltaPacking.Group) throws -> DeltaInflation? {
        let prefix = group.prefix.streams
        var content: [DeltaInflation.Stream] = []
        var position = 0
        for pair in group.pairs {
            if let stream = pair.inflation?.new, let parameters = pair.inflation?.parameters {
                let begin = position + Int(stream.chunks.lowerBound - pair.new.lowerBound)
                content.append(
                    .init(chunks: begin..<begin + stream.chunks.count, size: UInt32(stream.size), deflater: try number(of: parameters)))
            }
            position += pair.new.count
        }
        guard !prefix.isEmpty || !content.isEmpty else { return nil }
        return DeltaInflation(prefix: prefix, prefixSize: prefix.isEmpty ? 0 : UInt32(group.prefix.size), content: content)
    }

    private mutating func number(of parameters: DeflateParameters) throws -> Int {
        if let known = deflaters.firstIndex(where: { $0.parameters == parameters }) { return known }
        deflaters.append(DeltaDeflater(parameters: parameters, mark: try parameters.mark()))
        return deflaters.count - 1
    }
}
