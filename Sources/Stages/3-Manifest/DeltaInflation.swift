package import InstarContent

/// What of a delta's frame is deflated in the two releases, and inflated in the frame and in its prefix: the members of
/// archives, whose deflated bytes have nothing in common where their content differs by a byte.
///
/// The chunks of a release are deflated bytes, whoever deflates. So a reader whose zlib gives other bytes has lost nothing: it
/// takes the plain frames.
package struct DeltaInflation: Hashable, Sendable {
    /// Whole chunks that are one raw deflate stream.
    package struct Stream: Hashable, Sendable {
        /// Which of the frame's chunks, counted from its first.
        package var chunks: Range<Int>
        /// Bytes when inflated.
        package var size: UInt32
        /// Index into the deflaters of the delta's index.
        package var deflater: Int

        package init(chunks: Range<Int>, size: UInt32, deflater: Int) {
            self.chunks = chunks
            self.size = size
            self.deflater = deflater
        }
    }

    /// Which of the prefix's chunks, counted from its first, are raw deflate streams.
    package var prefix: [Range<Int>]
    /// Bytes of the prefix when these are inflated; 0 where there are none.
    package var prefixSize: UInt32
    /// Streams of the frame, which the reader deflates again.
    package var content: [Stream]

    package init(prefix: [Range<Int>], prefixSize: UInt32, content: [Stream]) {
        self.prefix = prefix
        self.prefixSize = prefixSize
        self.content = content
    }
}

/// How zlib gives the very bytes of a stream again.
package struct DeltaDeflater: Hashable, Sendable {
    package var parameters: DeflateParameters
    /// What the publisher's zlib makes of a sample: where a reader's makes something else, it need not try.
    package var mark: UInt64

    package init(parameters: DeflateParameters, mark: UInt64) {
        self.parameters = parameters
        self.mark = mark
    }
}
