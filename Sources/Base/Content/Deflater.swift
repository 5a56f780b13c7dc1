internal import CZlib

/// Deflates into raw streams. One deflater, its memory reused, serves any number of streams on one thread at a time.
@safe package struct Deflater: ~Copyable {
    package let parameters: DeflateParameters
    // zlib keeps the address of its state, so that it is allocated once and never moves; `deinit` frees it.
    private let stream: UnsafeMutablePointer<z_stream>

    package init(_ parameters: DeflateParameters) throws(DeflateError) {
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        let status = unsafe instar_deflate_init(
            stream, Int32(parameters.level), Int32(parameters.windowBits), Int32(parameters.memory), Int32(parameters.strategy))
        guard status == Z_OK else {
            unsafe stream.deallocate()
            throw .outOfMemory
        }
        self.parameters = parameters
        unsafe self.stream = stream
    }

    deinit {
        _ = unsafe deflateEnd(stream)
        unsafe stream.deallocate()
    }

    /// Deflates all of `plain`, with all of it at hand so that the bytes never depend on how they were asked for.
    ///
    /// - Returns: The size of the stream; nil where it is larger than `output`, which then holds its first bytes.
    package mutating func deflate(_ plain: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> Int? {
        guard unsafe deflateReset(stream) == Z_OK else { return nil }
        let status = unsafe stream.run(plain, into: output) { unsafe CZlib.deflate($0, Z_FINISH) }
        if status == Z_STREAM_END { return unsafe output.count - Int(stream.pointee.avail_out) }
        // Where the output is full zlib does not say whether that was all: it has to be asked for one byte more.
        let isAll = unsafe withUnsafeTemporaryAllocation(byteCount: 1, alignment: 1) { byte in
            unsafe stream.run(UnsafeRawBufferPointer(start: nil, count: 0), into: byte) { unsafe CZlib.deflate($0, Z_FINISH) }
                == Z_STREAM_END && stream.pointee.avail_out == 1
        }
        return isAll ? output.count : nil
    }

    /// Deflates all of `plain`; nil where that takes more than `limit` bytes.
    package mutating func deflate(_ plain: [UInt8], limit: Int) -> [UInt8]? {
        var deflated = [UInt8](repeating: 0, count: limit)
        let input = unsafe plain.span.bytes
        var output = deflated.mutableSpan
        let count = unsafe output.withUnsafeMutableBytes { output in
            unsafe input.withUnsafeBytes { input in unsafe deflate(input, into: output) }
        }
        guard let count else { return nil }
        deflated.removeLast(limit - count)
        return deflated
    }
}
