import InstarContent

/// Any bytes as a file, an archive among them: several threads find the pieces that one finds, and they add up.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // Zeros in a row are cut apart; runs of one byte grow, so that small inputs make large files with long runs.
    let bytes = UnsafeBufferPointer(start: start, count: count).flatMap { $0 < 8 ? [UInt8](repeating: 0, count: 300 << $0) : [$0] }
    let read: Cutting.Reader = { buffer, offset in
        let wanted = bytes.dropFirst(Int(clamping: offset)).prefix(buffer.count)
        buffer.copyBytes(from: wanted)
        return wanted.count
    }
    let boundaries = (try? ZipBoundaries.find(size: UInt64(bytes.count), reading: read)) ?? []
    precondition(zip(boundaries, boundaries.dropFirst()).allSatisfy { $0 < $1 })
    var cutter = FileCutter(cutting: Cutting(average: 1024))
    var position: UInt64 = 0
    let serial = try? cutter.cut(at: boundaries) { buffer in
        let done = try read(buffer, position)
        position += UInt64(done)
        return done
    }
    let parallel = try? Cutting(average: 1024).cut(size: UInt64(bytes.count), at: boundaries, segment: 8192, width: 2, reading: read)
    precondition(serial == parallel && serial?.size == UInt64(bytes.count))
    return 0
}
