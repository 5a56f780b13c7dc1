import InstarContent
import InstarCryptography
import InstarManifest
import InstarPublishing
import Testing

/// Reads a delta as independent of the client as it can be.
struct DeltaReader {
    let reader: RepositoryReader
    let old: Manifest
    let new: Manifest
    private let reference: DeltaReference
    let index: DeltaIndex
    private var changed = ChangedChunks()

    init(_ studio: Studio, from first: Publication, to second: Publication) throws {
        (old, new) = (try studio.manifest(first), try studio.manifest(second))
        reader = RepositoryReader(repository: studio.repository)
        reference = try #require(new.deltas.first { $0.base == first.digest })
        index = try DeltaIndex(decoding: reader.read(reference.index.frame))
        for manifest in [old, new] {
            while case let missing = try manifest.missingPages(in: reader.pages), !missing.isEmpty {
                for page in missing { reader.pages[page.digest] = try reader.read(page.frame) }
            }
        }
        var changes = try Comparison(from: old, to: new, pages: reader.pages)
        while let change = try changes.next() { changed.append(change) }
    }

    /// Compressed bytes of all frames.
    var bytes: UInt32 { index.parts.reduce(0) { $0 + $1.frame.compressedSize } }

    /// Decodes all frames and answers the files that they bring something of.
    func files() throws -> Set<String> {
        var contents: [Digest: [UInt8]] = [:]
        var cursor = try old.pages(from: reader.pages)
        while let page = try cursor.next() {
            for file in page.files {
                for chunk in file.chunks where !chunk.isHole {
                    contents[chunk.digest] = Array(
                        try reader.read(page.frames[Int(chunk.frame)])[Int(chunk.start)..<Int(chunk.start + chunk.size)])
                }
            }
        }
        var files: Set<String> = []
        for part in index.parts {
            let old = try #require(changed.old[part.prefix]).map { contents[$0.digest] ?? [] }
            let new = try #require(changed.new[part.chunks])
            let plain = try reader.read(part.frame, prefix: inflated(old, part.inflation))
            let content = try deflated(plain, new.map(\.size), part.inflation)
            var start = 0
            for chunk in new {
                #expect(Digest(of: Array(content[start..<start + Int(chunk.size)])) == chunk.digest)
                start += Int(chunk.size)
                files.insert(changed.new.files[Int(chunk.file)].path.description)
            }
            #expect(start == content.count)
        }
        return files
    }

    /// The chunks that its frames bring.
    func chunks() throws -> Set<Digest> {
        Set(try index.parts.flatMap { try #require(changed.new[$0.chunks]).map(\.digest) })
    }

    /// Where in their files the chunks of its frames lie, in the order of the frames.
    func places() throws -> [UInt64] {
        try index.parts.flatMap { try #require(changed.new[$0.chunks]).map(\.offset) }
    }

    /// Bytes of old content that its frames are compressed with.
    func prefixBytes() throws -> Int {
        try index.parts.reduce(0) { sum, part in try #require(changed.old[part.prefix]).reduce(sum) { $0 + Int($1.size) } }
    }

    /// A prefix as its frame was compressed with it.
    private func inflated(_ chunks: [[UInt8]], _ inflation: DeltaInflation?) throws -> [UInt8] {
        guard let inflation, !inflation.prefix.isEmpty else { return chunks.flatMap { $0 } }
        var inflater = try Inflater()
        var bytes: [UInt8] = [], next = 0
        for stream in inflation.prefix {
            bytes += chunks[next..<stream.lowerBound].flatMap { $0 }
            bytes += try inflater.inflate(chunks[stream].flatMap { $0 }, limit: 8 << 20)
            next = stream.upperBound
        }
        bytes += chunks[next...].flatMap { $0 }
        #expect(bytes.count == inflation.prefixSize)
        return bytes
    }

    /// The chunks that a frame holds inflated.
    private func deflated(_ plain: [UInt8], _ sizes: [UInt32], _ inflation: DeltaInflation?) throws -> [UInt8] {
        var bytes: [UInt8] = [], read = 0, next = 0
        func copy(_ sizes: ArraySlice<UInt32>) {
            let count = Int(sizes.reduce(0, +))
            bytes += plain[read..<read + count]
            read += count
        }
        for stream in inflation?.content ?? [] {
            copy(sizes[next..<stream.chunks.lowerBound])
            var deflater = try Deflater(index.deflaters[stream.deflater].parameters)
            let member = deflater.deflate(Array(plain[read..<read + Int(stream.size)]), limit: 8 << 20)
            bytes += try #require(member)
            read += Int(stream.size)
            next = stream.chunks.upperBound
        }
        copy(sizes[next...])
        return bytes
    }

    /// Members of archives that are inflated in the delta's frames, and in their prefixes.
    var inflatedMembers: (new: Int, old: Int) {
        let inflations = index.parts.compactMap(\.inflation)
        return (inflations.reduce(0) { $0 + $1.content.count }, inflations.reduce(0) { $0 + $1.prefix.count })
    }

    /// Decodes the new pages.
    func pages() throws -> [[UInt8]] {
        let order = try old.pageDigests(in: reader.pages)
        let prefix = index.pagePrefix.joined().flatMap { reader.pages[order[Int($0)]] ?? [] }
        let plain = try reader.read(try #require(reference.pages).frame, prefix: prefix)
        var pages: [[UInt8]] = [], begin = 0
        for size in index.pageSizes {
            pages.append(Array(plain[begin..<begin + Int(size)]))
            begin += Int(size)
        }
        return pages
    }
}
