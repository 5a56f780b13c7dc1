internal import CZstd

/// Compresses frames: single zstd frames that declare their plain size and carry no checksum where chunks are
/// verified by digest. The same bytes with the same level and the same zstd give the same frame.
@safe package struct FrameEncoder: ~Copyable {
    // zstd's context is an opaque pointer that nobody else sees and `deinit` frees.
    private let context: OpaquePointer

    /// - Parameter level: zstd's compression level, 1 to 19.
    package init(level: Int) throws(FrameError) {
        guard let context = unsafe ZSTD_createCCtx() else { throw .outOfMemory }
        let parameters = [
            (ZSTD_c_compressionLevel, Int32(level)), (ZSTD_c_contentSizeFlag, 1), (ZSTD_c_checksumFlag, 0), (ZSTD_c_dictIDFlag, 0),
        ]
        for (parameter, value) in parameters {
            // A level outside zstd's range is the only way to fail; zstd keeps its default then, which is as good.
            _ = unsafe ZSTD_CCtx_setParameter(context, parameter, value)
        }
        unsafe self.context = context
    }

    deinit {
        _ = unsafe ZSTD_freeCCtx(context)
    }

    /// Compresses `plain` into one frame that can only be decompressed with the same `prefix`: whatever stands in both is
    /// written once. An empty prefix is none.
    ///
    /// - Parameter isChecked: whether it carries a checksum: for content that is no chunk, and so has no digest to be verified by.
    package mutating func encode(
        _ plain: UnsafeRawBufferPointer, prefix: UnsafeRawBufferPointer, isChecked: Bool = false
    ) throws(FrameError) -> [UInt8] {
        guard plain.count <= FrameLimits.maximumPlainSize else { throw .tooLarge(plainSize: plain.count) }
        guard prefix.count <= FrameLimits.maximumPrefixSize else { throw .prefixTooLarge(prefix.count) }
        var status = 0
        // All of both is within reach: by itself zstd looks at the sizes of common windows alone.
        let window = unsafe prefix.isEmpty ? 0 : max(10, Int.bitWidth - (plain.count + prefix.count).leadingZeroBitCount)
        _ = unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, Int32(window))
        _ = unsafe ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, isChecked ? 1 : 0)
        if unsafe !prefix.isEmpty { _ = unsafe ZSTD_CCtx_refPrefix(context, prefix.baseAddress, prefix.count) }
        let frame = unsafe [UInt8](unsafeUninitializedCapacity: ZSTD_compressBound(plain.count)) { buffer, count in
            unsafe status = ZSTD_compress2(context, buffer.baseAddress, buffer.count, plain.baseAddress, plain.count)
            count = ZSTD_isError(status) == 0 ? status : 0
        }
        guard ZSTD_isError(status) == 0 else { throw .damaged(zstdMessage(status)) }
        return frame
    }

    /// Compresses `plain` into one frame.
    package mutating func encode(_ plain: [UInt8], prefix: [UInt8] = [], isChecked: Bool = false) throws(FrameError) -> [UInt8] {
        try unsafe plain.span.withUnsafeBytes { plain throws(FrameError) in
            try unsafe prefix.span.withUnsafeBytes { prefix throws(FrameError) in
                try unsafe encode(plain, prefix: prefix, isChecked: isChecked)
            }
        }
    }
}
