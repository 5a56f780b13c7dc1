internal import InstarContent
internal import SwiftProtobuf

extension WireDeltaIndex {
    /// Writes what is inflated; nothing at all where nothing is.
    mutating func set(_ inflations: [DeltaInflation?], _ deflaters: [DeltaDeflater]) {
        self.deflaters = deflaters.map(WireDeflater.init)
        guard inflations.contains(where: { $0 != nil }) else { return }
        baseStreams = WireStreams(inflations.map { $0?.prefix ?? [] })
        prefixSizes = inflations.compactMap { $0.flatMap { $0.prefix.isEmpty ? nil : $0.prefixSize } }
        let content = inflations.map { $0?.content ?? [] }
        streams = WireStreams(content.map { $0.map(\.chunks) })
        streamSizes = content.flatMap { $0.map(\.size) }
        streamDeflaters = content.flatMap { $0.map { UInt32($0.deflater) } }
    }

    /// What is inflated of each frame, given how many chunks it and its prefix have.
    func inflations(chunks: [Int], prefixes: [Int]) throws(ManifestError) -> [DeltaInflation?] {
        let prefixStreams = try baseStreams.decoded(within: prefixes), contentStreams = try streams.decoded(within: chunks)
        try requireCount(prefixSizes.count, prefixStreams.count { !$0.isEmpty }, "sizes of inflated prefixes")
        let count = contentStreams.reduce(0) { $0 + $1.count }
        try requireCount(streamSizes.count, count, "sizes of inflated streams")
        try requireCount(streamDeflaters.count, count, "deflaters of streams")
        guard prefixSizes.allSatisfy({ (1...FrameLimits.maximumPrefixSize).contains($0) }) else {
            throw .damaged("a delta has an inflated prefix of an impossible size")
        }
        guard streamSizes.allSatisfy({ (1...FrameLimits.maximumPlainSize).contains($0) }) else {
            throw .damaged("a delta has an inflated stream of an impossible size")
        }
        guard streamDeflaters.allSatisfy({ Int($0) < deflaters.count }) else { throw .damaged("a delta has a stream of no deflater") }
        var sizes = prefixSizes[...], content = zip(streamSizes, streamDeflaters).map { (size: $0, deflater: Int($1)) }[...]
        return zip(prefixStreams, contentStreams).map { prefix, chunks in
            guard !prefix.isEmpty || !chunks.isEmpty else { return nil }
            let streams = chunks.compactMap { chunks in
                content.popFirst().map { DeltaInflation.Stream(chunks: chunks, size: $0.size, deflater: $0.deflater) }
            }
            return DeltaInflation(prefix: prefix, prefixSize: prefix.isEmpty ? 0 : sizes.popFirst() ?? 0, content: streams)
        }
    }

    func decodedDeflaters() throws(ManifestError) -> [DeltaDeflater] {
        guard deflaters.count <= DeltaLimits.maximumDeflaters else { throw .tooLarge("a delta has \(deflaters.count) deflaters") }
        return try deflaters.map { wire throws(ManifestError) in
            let parameters = DeflateParameters(
                level: Int(wire.level), memory: Int(wire.memory), strategy: Int(wire.strategy), windowBits: Int(wire.windowBits))
            guard let parameters else { throw .damaged("a delta has a deflater that zlib does not have") }
            return DeltaDeflater(parameters: parameters, mark: wire.mark)
        }
    }
}

extension WireDeflater {
    fileprivate init(_ deflater: DeltaDeflater) {
        level = UInt32(deflater.parameters.level)
        memory = UInt32(deflater.parameters.memory)
        strategy = UInt32(deflater.parameters.strategy)
        windowBits = UInt32(deflater.parameters.windowBits)
        mark = deflater.mark
    }
}

extension WireStreams {
    /// One element a frame; all columns stay empty where no frame has a stream.
    fileprivate init(_ streams: [[Range<Int>]]) {
        guard streams.contains(where: { !$0.isEmpty }) else { return }
        counts = streams.map { UInt32($0.count) }
        for streams in streams {
            var end = 0
            for stream in streams {
                gaps.append(UInt32(stream.lowerBound - end))
                lengths.append(UInt32(stream.count))
                end = stream.upperBound
            }
        }
    }

    /// The streams of each frame, in order, none of which reaches into another or beyond the frame's chunks.
    fileprivate func decoded(within chunks: [Int]) throws(ManifestError) -> [[Range<Int>]] {
        guard !(counts.isEmpty && gaps.isEmpty && lengths.isEmpty) else { return chunks.map { _ in [] } }
        try requireCount(counts.count, chunks.count, "numbers of streams")
        try requireCount(gaps.count, counts.reduce(0) { $0 + Int($1) }, "gaps between streams")
        try requireCount(lengths.count, gaps.count, "lengths of streams")
        var places = zip(gaps, lengths).map { (gap: Int($0), length: Int($1)) }[...]
        return try zip(counts, chunks).map { pair throws(ManifestError) in
            let (count, chunks) = pair
            var end = 0
            var streams: [Range<Int>] = []
            for place in places.prefix(Int(count)) {
                let begin = end + place.gap
                guard place.length > 0, begin + place.length <= chunks else { throw .damaged("a delta has a stream of no chunks") }
                streams.append(begin..<begin + place.length)
                end = begin + place.length
            }
            places = places.dropFirst(Int(count))
            return streams
        }
    }
}
