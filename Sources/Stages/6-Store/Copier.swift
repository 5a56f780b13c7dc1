internal import InstarContent
internal import InstarCryptography
internal import InstarDisk
package import InstarManifest
package import InstarPlan

/// Copies runs of chunks from files of this machine into a staging, one after the other on one thread: the last source stays
/// open, and memory and hash are used again.
///
/// A chunk is hashed in memory and only then written, so nothing unverified ever gets into a staged file.
package struct Copier: ~Copyable {
    private let staging: Staging
    private var open: (source: LocalFile, file: File?)?
    private var hash = SHA256()
    private var buffer: [UInt8] = []

    /// Bytes that are read at once, unless a single chunk has more: few enough to stay in the processor's second cache.
    private static let bufferSize = 512 << 10

    package init(_ staging: Staging) {
        self.staging = staging
    }

    /// Copies the chunks of a run. Answers the numbers of those that the source does not hold as it should (changed, cut off,
    /// gone); the caller gets them elsewhere.
    ///
    /// - Parameter chunks: what `copy.chunks` is a run of.
    package mutating func copy(_ copy: Copy, of chunks: [Chunk], from source: LocalFile) throws(StoreError) -> [Int] {
        guard let file = file(source) else { return copy.chunks.filter { !chunks[$0].isHole } }
        var wrong: [Int] = []
        var (begin, done) = (copy.chunks.lowerBound, UInt64(0))
        while begin < copy.chunks.upperBound {
            let (end, size) = Self.part(of: chunks, from: begin, to: copy.chunks.upperBound)
            // No release has such chunks; whoever fetches it says so.
            if size > FrameLimits.maximumPlainSize {
                wrong.append(begin)
            } else {
                let count = read(size, of: file, at: copy.sourceOffset + done)
                wrong += try write(begin..<end, of: chunks, count: count, to: copy.file, at: copy.fileOffset + done)
            }
            (begin, done) = (end, done + UInt64(size))
        }
        return wrong
    }

    /// The chunks from `begin` on that are read at once, and how many bytes they have: one at least.
    private static func part(of chunks: [Chunk], from begin: Int, to end: Int) -> (end: Int, size: Int) {
        var (next, size) = (begin, 0)
        while next < end, next == begin || size + Int(chunks[next].size) <= bufferSize {
            size += Int(chunks[next].size)
            next += 1
        }
        return (next, size)
    }

    /// How many bytes of the source came; none where it cannot be read.
    private mutating func read(_ size: Int, of file: File, at offset: UInt64) -> Int {
        if buffer.count < size { buffer = [UInt8](repeating: 0, count: max(size, min(Self.bufferSize, buffer.count * 2))) }
        return unsafe buffer.withUnsafeMutableBytes { memory in
            unsafe (try? file.read(into: UnsafeMutableRawBufferPointer(rebasing: memory[..<size]), at: offset)) ?? 0
        }
    }

    /// Hashes what was read and writes what is right of it, neighbours together; answers the others.
    private mutating func write(
        _ numbers: Range<Int>, of chunks: [Chunk], count: Int, to target: UInt32, at offset: UInt64
    ) throws(StoreError) -> [Int] {
        var wrong: [Int] = []
        var right = 0..<0
        var ledger = ChunkLedger()
        var position = 0
        for number in numbers {
            let end = position + Int(chunks[number].size)
            let isRight = end <= count && !chunks[number].isHole && digest(position..<end) == chunks[number].digest
            if isRight {
                ledger.add(ChunkLedger(chunks[number].digest, at: offset + UInt64(position)))
                right = right.isEmpty ? position..<end : right.lowerBound..<end
            } else {
                try flush(&right, to: target, at: offset)
                // A hole is there as soon as the file has its size.
                if !chunks[number].isHole { wrong.append(number) }
            }
            position = end
        }
        try flush(&right, to: target, at: offset)
        staging.targets.note(ledger, in: target)
        return wrong
    }

    private mutating func digest(_ range: Range<Int>) -> Digest {
        unsafe buffer.withUnsafeBytes { unsafe hash.update(UnsafeRawBufferPointer(rebasing: $0[range])) }
        return hash.finalize()
    }

    private func flush(_ range: inout Range<Int>, to target: UInt32, at offset: UInt64) throws(StoreError) {
        guard !range.isEmpty else { return }
        let bytes = range
        range = 0..<0
        try unsafe buffer.withUnsafeBytes { memory in
            Result { () throws(StoreError) in
                let part = unsafe UnsafeRawBufferPointer(rebasing: memory[bytes])
                unsafe try staging.write(part, file: target, offset: offset + UInt64(bytes.lowerBound))
            }
        }.get()
    }

    private mutating func file(_ source: LocalFile) -> File? {
        if let open, open.source == source { return open.file }
        let file = staging.sources.file(source.path, of: source.generation)
        open = (source, file)
        return file
    }
}
