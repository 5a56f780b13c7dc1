import InstarTrust

/// Any bytes as JSON: what is read must be written so that reading gives the same value and the same canonical
/// form again; two forms would let one signature stand for two things.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    guard let value = try? JSONParser.parse(bytes) else { return 0 }
    let document = value.document
    guard let again = try? JSONParser.parse(document) else { fatalError("what was written cannot be read") }
    precondition(again == value, "what was read again is another value")
    precondition(again.document == document, "the document has two forms")
    precondition(again.canonical == value.canonical, "the canonical form has two forms")
    return 0
}
