internal import InstarContent
internal import InstarPlan

extension DeltaDecoding.Workspace {
    /// As for a frame that holds chunks as they are, with streams of old content inflated before and streams of new content
    /// deflated after: where a stream does not come out as its chunks are named, the chunks are got elsewhere.
    func decode(
        _ compressed: UnsafeRawBufferPointer, _ frame: PlannedFrame, _ inflation: FrameInflation, _ local: LocalPrefix,
        _ use: (UnsafeRawBufferPointer) throws -> DeltaDecoding.Outcome
    ) throws -> DeltaDecoding.Outcome {
        let prefixSize = Int(inflation.prefixSize), size = Int(inflation.size)
        guard prefixSize <= FrameLimits.maximumPrefixSize, size <= FrameLimits.maximumPlainSize else { return .refused }
        // The prefix has done its work when the frame is decompressed: then the chunks take its place.
        prefix.grow(to: max(prefixSize, size))
        let old = unsafe prefix.first(prefixSize), chunks = unsafe prefix.first(size)
        guard unsafe try members.inflate(local, inflation.prefix, into: old) else { return .refused }
        if let wrong = unsafe decompress(compressed, frame, prefix: old) { return .damaged(wrong) }
        let content = unsafe UnsafeRawBufferPointer(plain.first(Int(frame.plainSize)))
        guard unsafe members.deflate(content, inflation.content, into: chunks) else { return .refused }
        return unsafe try use(UnsafeRawBufferPointer(chunks))
    }
}

/// Inflates and deflates the members of archives, one after the other.
struct MemberCodec: ~Copyable {
    private var inflater: Inflater
    private var deflater: Deflater?
    /// One deflated stream of old content.
    private var scratch = ByteBuffer(count: 0)

    init() throws(DeflateError) { inflater = try Inflater() }

    /// Reads old content, the streams in it inflated. False where it is not what it should be, or has not the size of `target`.
    mutating func inflate(_ local: LocalPrefix, _ streams: [Range<Int>], into target: UnsafeMutableRawBufferPointer) throws -> Bool {
        var part = 0, filled = 0
        for stream in streams {
            guard unsafe try copy(local[part..<stream.lowerBound], into: target, &filled),
                unsafe try inflate(local[stream], into: target, &filled)
            else { return false }
            part = stream.upperBound
        }
        return unsafe try copy(local[part..<local.count], into: target, &filled) && filled == target.count
    }

    private func copy(_ parts: LocalPrefix, into target: UnsafeMutableRawBufferPointer, _ filled: inout Int) throws -> Bool {
        let size = parts.size
        guard size <= target.count - filled else { return false }
        defer { filled += size }
        return unsafe try size == 0 || parts.read(into: UnsafeMutableRawBufferPointer(rebasing: target[filled..<filled + size]))
    }

    private mutating func inflate(_ parts: LocalPrefix, into target: UnsafeMutableRawBufferPointer, _ filled: inout Int) throws -> Bool {
        let size = parts.size
        guard size <= FrameLimits.maximumPrefixSize else { return false }
        scratch.grow(to: size)
        let deflated = unsafe scratch.first(size)
        guard unsafe try parts.read(into: deflated) else { return false }
        let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: target[filled...])
        guard let count = unsafe try? inflater.inflate(UnsafeRawBufferPointer(deflated), into: rest) else { return false }
        filled += count
        return true
    }

    /// Writes the content of a frame as its chunks are, the streams in it deflated. False where zlib makes them of another size.
    mutating func deflate(
        _ content: UnsafeRawBufferPointer, _ streams: [FrameInflation.Stream], into target: UnsafeMutableRawBufferPointer
    ) -> Bool {
        var read = 0, filled = 0
        for stream in streams {
            unsafe MemberCodec.copy(content, &read, into: target, &filled, count: Int(stream.start) - filled)
            let plain = unsafe UnsafeRawBufferPointer(rebasing: content[read..<read + Int(stream.size)])
            let place = unsafe UnsafeMutableRawBufferPointer(rebasing: target[filled..<filled + Int(stream.deflatedSize)])
            guard unsafe deflate(plain, stream.parameters, into: place) == place.count else { return false }
            read += plain.count
            filled += place.count
        }
        unsafe MemberCodec.copy(content, &read, into: target, &filled, count: target.count - filled)
        return true
    }

    private mutating func deflate(
        _ plain: UnsafeRawBufferPointer, _ parameters: DeflateParameters, into target: UnsafeMutableRawBufferPointer
    ) -> Int? {
        if deflater?.parameters != parameters { deflater = try? Deflater(parameters) }
        return unsafe deflater?.deflate(plain, into: target)
    }

    private static func copy(
        _ content: UnsafeRawBufferPointer, _ read: inout Int, into target: UnsafeMutableRawBufferPointer, _ filled: inout Int, count: Int
    ) {
        unsafe UnsafeMutableRawBufferPointer(rebasing: target[filled..<filled + count])
            .copyMemory(from: UnsafeRawBufferPointer(rebasing: content[read..<read + count]))
        read += count
        filled += count
    }
}
