import InstarManifest

/// Any bytes as a release manifest, and as the channel document that points to one: reading must never trap.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    _ = try? ChannelDocument(decoding: bytes, of: "stable")
    guard let manifest = try? Manifest(decoding: bytes) else { return 0 }
    // What was understood is written in one way only, and read as the same again.
    guard let again = try? Manifest(decoding: manifest.encoded()), again.encoded() == manifest.encoded() else { fatalError("not stable") }
    Reading.walk(manifest)
    return 0
}
