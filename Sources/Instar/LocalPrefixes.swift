internal import InstarDownload
internal import InstarPlan
internal import InstarStore

/// What the frames of deltas are compressed with, read from the generations of the store.
struct LocalPrefixes: PrefixSource {
    let parts: [PrefixPart]
    let trees: LocalTrees

    func size(of prefix: Range<Int>) -> Int { parts[prefix].reduce(0) { $0 + Int($1.size) } }

    func read(_ prefix: Range<Int>, into buffer: UnsafeMutableRawBufferPointer) -> Bool {
        unsafe trees.read(parts[prefix], into: buffer)
    }
}
