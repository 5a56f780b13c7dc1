internal import CZstd

/// Decompresses frames whose sizes are known beforehand. One decoder, its memory reused, serves any number of frames
/// on one thread at a time.
///
///     var decoder = try FrameDecoder()
///     let plain = try decoder.decode(compressed, plainSize: 70_000)
@safe package struct FrameDecoder: ~Copyable {
    // zstd's context is an opaque pointer that nobody else sees and `deinit` frees.
    private let context: OpaquePointer

    package init() throws(FrameError) {
        guard let context = unsafe ZSTD_createDCtx() else { throw .outOfMemory }
        unsafe self.context = context
    }

    deinit {
        _ = unsafe ZSTD_freeDCtx(context)
    }

    /// Decompresses exactly one frame into exactly `output`. Everything that the frame says of itself is checked before
    /// a byte is written: its plain size, that it needs no dictionary, and that nothing follows it.
    ///
    /// - Parameter prefix: the bytes that the frame was compressed with, if any. Both buffers are used where they are, and no
    ///   window is held besides, so memory is theirs whatever the frame says of itself.
    package mutating func decode(
        _ compressed: UnsafeRawBufferPointer, prefix: UnsafeRawBufferPointer? = nil, into output: UnsafeMutableRawBufferPointer
    ) throws(FrameError) {
        guard output.count <= FrameLimits.maximumPlainSize else { throw .tooLarge(plainSize: output.count) }
        try unsafe FrameDecoder.check(compressed, plainSize: output.count)
        if let prefix = unsafe prefix { unsafe try use(prefix) }
        let count = unsafe ZSTD_decompressDCtx(context, output.baseAddress, output.count, compressed.baseAddress, compressed.count)
        guard ZSTD_isError(count) == 0 else { throw .damaged(zstdMessage(count)) }
        guard count == output.count else { throw .damaged("it has \(count) plain bytes, and \(output.count) were declared") }
    }

    /// Decompresses exactly one frame of `plainSize` plain bytes.
    package mutating func decode(_ compressed: [UInt8], prefix: [UInt8] = [], plainSize: Int) throws(FrameError) -> [UInt8] {
        guard plainSize >= 0, plainSize <= FrameLimits.maximumPlainSize else { throw .tooLarge(plainSize: plainSize) }
        // The header is checked before memory for the output is taken.
        let compressed = unsafe compressed.span.bytes
        try unsafe compressed.withUnsafeBytes { bytes throws(FrameError) in try unsafe FrameDecoder.check(bytes, plainSize: plainSize) }
        var plain = [UInt8](repeating: 0, count: plainSize)
        var output = plain.mutableSpan
        let prefixBytes = unsafe prefix.span.bytes
        try unsafe output.withUnsafeMutableBytes { output throws(FrameError) in
            try unsafe compressed.withUnsafeBytes { input throws(FrameError) in
                try unsafe prefixBytes.withUnsafeBytes { prefix throws(FrameError) in
                    try unsafe decode(input, prefix: prefix.isEmpty ? nil : prefix, into: output)
                }
            }
        }
        return plain
    }

    /// The prefix of the next frame, and of no other.
    private mutating func use(_ prefix: UnsafeRawBufferPointer) throws(FrameError) {
        guard prefix.count <= FrameLimits.maximumPrefixSize else { throw .prefixTooLarge(prefix.count) }
        let status = unsafe ZSTD_DCtx_refPrefix(context, prefix.baseAddress, prefix.count)
        guard ZSTD_isError(status) == 0 else { throw .damaged(zstdMessage(status)) }
    }

    private static func check(_ compressed: UnsafeRawBufferPointer, plainSize: Int) throws(FrameError) {
        let declared = unsafe ZSTD_getFrameContentSize(compressed.baseAddress, compressed.count)
        // zstd's two special answers are the greatest numbers, so they never equal a size within the limit.
        guard declared == UInt64(plainSize) else { throw .damaged("its header does not declare \(plainSize) plain bytes") }
        guard unsafe ZSTD_getDictID_fromFrame(compressed.baseAddress, compressed.count) == 0 else {
            throw .damaged("it wants a dictionary")
        }
        let length = unsafe ZSTD_findFrameCompressedSize(compressed.baseAddress, compressed.count)
        guard ZSTD_isError(length) == 0 else { throw .damaged(zstdMessage(length)) }
        guard length == compressed.count else { throw .damaged("bytes follow it") }
    }
}

/// What zstd says of an error code.
func zstdMessage(_ code: Int) -> String {
    guard let name = unsafe ZSTD_getErrorName(code) else { return "zstd error \(code)" }
    return unsafe String(cString: name)
}
