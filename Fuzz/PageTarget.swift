import InstarManifest

/// Any bytes as the root page of a release, with every page that it names being these bytes again: walking, comparing
/// and asking for missing pages must never trap, and must end.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    let totals = Manifest.Totals(files: 1000, chunks: 100_000, size: 1 << 40, pages: 100)
    let manifest = Manifest(
        version: "1", sequence: 1, entry: nil, hooks: .init(), packs: [], requirements: [], totals: totals, root: bytes)
    Reading.walk(manifest)
    return 0
}
