internal import InstarDownload
internal import InstarPlan
internal import InstarStore
internal import InstarThreads

/// What the frames of deltas are compressed with, read from the generations of the store.
struct LocalPrefixes: PrefixSource {
    /// How many frames that are here already are decompressed at once: each takes as many megabytes as frame and prefix have.
    static let places = min(2, Workers.processorCount)

    let parts: [PrefixPart]
    let trees: LocalTrees

    func size(of prefix: Range<Int>) -> Int { parts[prefix].reduce(0) { $0 + Int($1.size) } }

    func read(_ prefix: Range<Int>, into buffer: UnsafeMutableRawBufferPointer) -> Bool {
        unsafe trees.read(parts[prefix], into: buffer)
    }
}
