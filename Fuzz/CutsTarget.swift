import InstarContent
import InstarCryptography

/// Any bytes as the index of how files were cut, under a digest that holds: what is read is written as the same again.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = ByteWriter(bytes: Array(UnsafeBufferPointer(start: start, count: count))).sealed()
    guard let index = CutIndex(decoding: bytes, average: 16_384) else { return 0 }
    precondition(CutIndex(decoding: index.encoded(), average: 16_384) == index)
    return 0
}
