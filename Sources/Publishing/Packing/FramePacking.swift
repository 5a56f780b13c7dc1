internal import InstarContent
internal import InstarCryptography
internal import InstarDisk
internal import InstarManifest
internal import InstarThreads
internal import SystemPackage

/// A chunk that the repository does not have yet, and where the build has it.
struct NewChunk: Sendable {
    var digest: Digest
    var size: UInt32
    /// Index into the build's items.
    var item: Int
    var offset: UInt64
}

/// Which new chunks share a frame.
struct FramePacking: Sendable {
    private(set) var chunks: [NewChunk] = []
    /// Runs of `chunks`, one a frame.
    private(set) var frames: [Range<Int>] = []
    private let frameSize: Int
    private var begin = 0
    private var size = 0

    /// - Parameter frameSize: Plain bytes of a frame; a chunk that is larger has one of its own.
    init(frameSize: Int) {
        self.frameSize = frameSize
    }

    /// Adds a chunk and tells in which frame, and where in it, it will lie.
    mutating func append(_ chunk: NewChunk) -> (frame: Int, start: UInt32) {
        if size + Int(chunk.size) > frameSize { endFrame() }
        defer { size += Int(chunk.size) }
        chunks.append(chunk)
        return (frames.count, UInt32(size))
    }

    /// What comes next does not belong together with what came before.
    mutating func endFrame() {
        if begin < chunks.count { frames.append(begin..<chunks.count) }
        (begin, size) = (chunks.count, 0)
    }

    /// Plain bytes of all frames.
    var plainSize: UInt64 { chunks.reduce(0) { $0 + UInt64($1.size) } }
}

/// Reads, compresses and writes the frames of a packing: compressed on all processors, written in order as they come.
struct FrameProducer {
    let build: Build
    let packing: FramePacking
    let level: Int

    func write(to writer: inout BundleWriter, progress: @Sendable (UInt64) -> Void) throws {
        try Workers.forEachInOrder(
            count: packing.frames.count, ahead: Workers.processorCount * 4,
            worker: { Compressor(encoder: try ThriftyEncoder(level: level), reader: ChunkReader(build: build)) },
            prepare: { compressor, index in
                let plain = try compressor.reader.read(packing.chunks[packing.frames[index]])
                let frame = Compressed(bytes: try compressor.encoder.encode(plain), plainSize: plain.count)
                progress(UInt64(plain.count))
                return frame
            },
            take: { _, frame in try writer.append(frame.bytes, plainSize: frame.plainSize) })
    }

    private struct Compressed: Sendable {
        var bytes: [UInt8]
        var plainSize: Int
    }

    /// What one thread keeps from frame to frame.
    private struct Compressor: ~Copyable {
        var encoder: ThriftyEncoder
        var reader: ChunkReader
    }
}

/// Reads chunks of a build again and checks that they are still what was hashed.
struct ChunkReader {
    let build: Build
    /// The file of the last chunk: chunks of one file follow each other.
    private var open: (item: Int, file: File)?

    init(build: Build) {
        self.build = build
    }

    mutating func read(_ chunks: ArraySlice<NewChunk>) throws(PublishError) -> [UInt8] {
        var plain: [UInt8] = []
        plain.reserveCapacity(chunks.reduce(0) { $0 + Int($1.size) })
        for chunk in chunks {
            let file = try file(of: chunk.item)
            var bytes = [UInt8](repeating: 0, count: Int(chunk.size))
            let count: Int
            do { count = try file.read(into: &bytes, at: chunk.offset) } catch { throw .disk(error) }
            guard count == bytes.count, Digest(of: bytes) == chunk.digest else { throw .buildChanged(file.path) }
            plain += bytes
        }
        return plain
    }

    private mutating func file(of item: Int) throws(PublishError) -> File {
        if let open, open.item == item { return open.file }
        let file = try build.open(build.items[item].path)
        open = (item, file)
        return file
    }
}
