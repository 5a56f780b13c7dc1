/// The sizes of frames: the compressed units inside bundles.
package enum FrameLimits {
    /// Plain bytes of a frame. Publishers use one megabyte; the limit bounds what one frame of a hostile manifest makes
    /// a client allocate, several of them being decoded at once.
    package static let maximumPlainSize: UInt32 = 8 << 20

    /// Bytes of old content that a frame may be compressed with. Publishers use as many as the frame has plain bytes at the
    /// most; the limit bounds what a hostile manifest makes a client read and hold.
    package static let maximumPrefixSize: UInt32 = 16 << 20

    /// The most that a frame of `plain` bytes can take when nothing in it can be compressed. Stops a manifest that asks
    /// for a long download in which little is hidden.
    package static func maximumCompressedSize(plain: UInt32) -> UInt32 { plain + plain / 128 + 1024 }
}

/// Bytes that are not the frame they were said to be.
package enum FrameError: Error, Hashable, Sendable, CustomStringConvertible {
    /// More than the limit is asked for.
    case tooLarge(plainSize: Int)
    /// Not one zstd frame, or one with other sizes than declared.
    case damaged(String)
    /// More old content than the limit is asked for.
    case prefixTooLarge(Int)
    /// No memory for the codec.
    case outOfMemory

    package var description: String {
        switch self {
        case .tooLarge(let size): "a frame of \(size) plain bytes is refused: the limit is \(FrameLimits.maximumPlainSize)"
        case .damaged(let what): "a frame is damaged: \(what); fetch it again"
        case .prefixTooLarge(let size): "a frame with a prefix of \(size) bytes is refused: the limit is \(FrameLimits.maximumPrefixSize)"
        case .outOfMemory: "there is no memory left for compression"
        }
    }
}
