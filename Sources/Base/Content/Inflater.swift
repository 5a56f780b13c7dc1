internal import CZlib

/// Inflates raw deflate streams, as the members of zip archives are. One inflater, its memory reused, serves any number of
/// streams on one thread at a time.
///
///     var inflater = try Inflater()
///     let plain = try inflater.inflate(member, limit: 70_000)
@safe package struct Inflater: ~Copyable {
    // zlib keeps the address of its state, so that it is allocated once and never moves; `deinit` frees it.
    private let stream: UnsafeMutablePointer<z_stream>

    package init() throws(DeflateError) {
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        guard unsafe instar_inflate_init(stream) == Z_OK else {
            unsafe stream.deallocate()
            throw .outOfMemory
        }
        unsafe self.stream = stream
    }

    deinit {
        _ = unsafe inflateEnd(stream)
        unsafe stream.deallocate()
    }

    /// Inflates exactly one stream, which ends with the last byte of `deflated`, and answers how many bytes it held.
    ///
    /// - Parameter output: may be larger. A stream that holds more stops there, whatever it would grow to.
    package mutating func inflate(
        _ deflated: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(DeflateError) -> Int {
        guard unsafe inflateReset(stream) == Z_OK else { throw .damaged("zlib did not begin") }
        let status = unsafe stream.run(deflated, into: output) { unsafe CZlib.inflate($0, Z_FINISH) }
        let left = unsafe (input: Int(stream.pointee.avail_in), output: Int(stream.pointee.avail_out))
        switch status {
        case Z_STREAM_END:
            guard left.input == 0 else { throw .trailing(left.input) }
            return output.count - left.output
        case Z_BUF_ERROR, Z_OK:
            if left.output == 0 { throw .tooLarge(limit: output.count) }
            throw .truncated
        case Z_MEM_ERROR: throw .outOfMemory
        case Z_NEED_DICT: throw .damaged("it wants a dictionary")
        default: throw .damaged(unsafe stream.pointee.msg.map { unsafe String(cString: $0) } ?? "zlib error \(status)")
        }
    }

    /// Inflates exactly one stream of at most `limit` bytes, for which memory is taken.
    package mutating func inflate(_ deflated: [UInt8], limit: Int) throws(DeflateError) -> [UInt8] {
        var plain = [UInt8](repeating: 0, count: limit)
        let input = unsafe deflated.span.bytes
        var output = plain.mutableSpan
        let count = try unsafe output.withUnsafeMutableBytes { output throws(DeflateError) in
            try unsafe input.withUnsafeBytes { input throws(DeflateError) in try unsafe inflate(input, into: output) }
        }
        plain.removeLast(limit - count)
        return plain
    }
}

extension UnsafeMutablePointer<z_stream> {
    /// One call of zlib that has all of its input and all room for its output.
    func run(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer, _ body: (UnsafeMutablePointer<z_stream>) -> Int32
    ) -> Int32 {
        precondition(input.count <= UInt32.max && output.count <= UInt32.max)
        // zlib wants an address even where it may not write or read: that of its own state serves as well as any.
        let nowhere = UnsafeMutableRawPointer(self)
        unsafe pointee.next_in = UnsafeMutablePointer<UInt8>(
            mutating: (input.baseAddress ?? UnsafeRawPointer(nowhere)).assumingMemoryBound(to: UInt8.self))
        unsafe pointee.avail_in = UInt32(input.count)
        unsafe pointee.next_out = (output.baseAddress ?? nowhere).assumingMemoryBound(to: UInt8.self)
        unsafe pointee.avail_out = UInt32(output.count)
        defer {
            unsafe pointee.next_in = nil
            unsafe pointee.next_out = nil
        }
        return unsafe body(self)
    }
}
