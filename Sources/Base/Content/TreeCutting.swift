internal import InstarThreads
internal import Synchronization

extension Cutting {
    /// Bytes from which on an archive is cut at its members. Smaller ones are few chunks anyway.
    package static let smallestZip: UInt64 = 256 << 10
    /// Bytes from which on it can pay to cut one file on several processors.
    private static let smallestParallel: UInt64 = 16 << 20

    /// Cuts and hashes many files on all processors: side by side where there are enough of them, and a file that would
    /// keep one processor busy while the others have nothing left to do on all of them.
    ///
    /// - Parameters:
    ///   - sizes: The size of each file. Where a file turns out to have another, so does what is found in it.
    ///   - progress: Told of bytes as they are through, on any thread.
    ///   - open: Opens a file, named by its index, and answers how to read it.
    ///   - close: Told what was found in a file when it is through.
    package func cutAll(
        _ sizes: [UInt64], width: Int = Workers.processorCount, progress: @Sendable (UInt64) -> Void = { _ in },
        opening open: @Sendable (Int) throws -> Reader, closing close: @Sendable (Int, CutFile) throws -> Void = { _, _ in }
    ) throws -> [CutFile] {
        var order = sizes.indices.sorted { (sizes[$1], $0) < (sizes[$0], $1) }[...]
        var rest = sizes.reduce(0, +)
        let results = Mutex([CutFile?](repeating: nil, count: sizes.count))
        while width > 1, let index = order.first, sizes[index] >= Cutting.smallestParallel, sizes[index] > rest / UInt64(width) {
            let read = unsafe try open(index)
            let boundaries = unsafe try Cutting.boundaries(sizes[index], reading: read)
            let found = unsafe try cut(size: sizes[index], at: boundaries, width: width, reading: read, progress: progress)
            try close(index, found)
            results.withLock { $0[index] = found }
            rest -= sizes[index]
            order.removeFirst()
        }
        let left = Array(order)
        let next = Atomic(0)
        try Workers.forEach(count: min(width, left.count), width: width) { _ in
            var cutter = FileCutter(cutting: self)
            while true {
                let place = next.add(1, ordering: .relaxed).oldValue
                guard place < left.count else { return }
                let index = left[place]
                let found = unsafe try Cutting.cut(sizes[index], with: &cutter, reading: open(index))
                try close(index, found)
                results.withLock { $0[index] = found }
                progress(found.size)
            }
        }
        return results.withLock { $0.compactMap(\.self) }
    }

    private static func cut(_ size: UInt64, with cutter: inout FileCutter, reading read: Reader) throws -> CutFile {
        var offset: UInt64 = 0
        return try unsafe cutter.cut(at: boundaries(size, reading: read)) { buffer in
            let count = try unsafe read(buffer, offset)
            offset += UInt64(count)
            return count
        }
    }

    private static func boundaries(_ size: UInt64, reading read: Reader) throws -> [UInt64] {
        size < smallestZip ? [] : try unsafe ZipBoundaries.find(size: size) { try unsafe read($0, $1) }
    }
}
