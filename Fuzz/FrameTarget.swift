import InstarContent

/// Three bytes of a plain size, then any bytes as a frame of a bundle: what is decoded has exactly that size.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    guard bytes.count >= 3, var decoder = try? FrameDecoder() else { return 0 }
    let size = Int(bytes[0]) | Int(bytes[1]) << 8 | Int(bytes[2]) << 16
    if let plain = try? decoder.decode(Array(bytes[3...]), plainSize: size) { precondition(plain.count == size) }
    return 0
}
