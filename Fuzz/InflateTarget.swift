import InstarContent

/// Three bytes of a size, then any bytes as a raw deflate stream: what is inflated is never larger, the same every time, and
/// deflated again it is inflated to the same.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    guard bytes.count >= 3, var inflater = try? Inflater() else { return 0 }
    let limit = (Int(bytes[0]) | Int(bytes[1]) << 8 | Int(bytes[2]) << 16) & 0xF_FFFF
    guard let plain = try? inflater.inflate(Array(bytes[3...]), limit: limit) else { return 0 }
    precondition(plain.count <= limit)
    precondition((try? inflater.inflate(Array(bytes[3...]), limit: limit)) == plain)
    guard let parameters = DeflateParameters(level: 1 + Int(bytes[0]) % 9, memory: 1 + Int(bytes[1]) % 9, strategy: Int(bytes[2]) % 5),
        var deflater = try? Deflater(parameters)
    else { return 0 }
    guard let deflated = deflater.deflate(plain, limit: plain.count * 2 + 1024) else { fatalError("a stream of twice the size") }
    precondition((try? inflater.inflate(deflated, limit: limit)) == plain)
    precondition(deflater.deflate(plain, limit: deflated.count) == deflated)
    return 0
}
