internal import InstarContent
package import InstarCryptography
package import InstarPlan
internal import InstarThreads

/// Local content that frames of deltas are compressed with.
package protocol PrefixSource: Sendable {
    /// How many bytes the run of the plan's prefixes has.
    func size(of prefix: Range<Int>) -> Int

    /// Fills `buffer`, which has that size, with verified bytes. False where what is there is not what it should be: the
    /// caller gets the content elsewhere.
    func read(_ prefix: Range<Int>, into buffer: UnsafeMutableRawBufferPointer) throws -> Bool
}

/// Decompresses the frames of deltas, one at a time whatever the number of streams: a frame and its prefix are many times
/// larger than a plain frame, and decompressing them is many times faster than any line brings them.
package final class DeltaDecoding: Sendable {
    package enum Outcome: Hashable {
        case done
        /// The local content is not what it should be.
        case refused
        /// What came is not the frame; says why.
        case damaged(String)
    }

    fileprivate final class Workspace {
        var decoder: FrameDecoder
        var plain = ByteBuffer(count: 0)
        var prefix = ByteBuffer(count: 0)

        init(decoder: consuming FrameDecoder) { self.decoder = decoder }
    }

    private let prefixes: any PrefixSource
    private let workspace: Monitor<Workspace>

    package init(_ prefixes: any PrefixSource) throws {
        self.prefixes = prefixes
        workspace = Monitor(Workspace(decoder: try FrameDecoder()))
    }

    /// Decompresses a frame and, where all of `pieces` verify, hands them on.
    package func decode(
        _ compressed: UnsafeRawBufferPointer, _ frame: PlannedFrame, prefix: Range<Int>, pieces: ArraySlice<Piece>,
        receive: (Piece, UnsafeRawBufferPointer) throws -> Void
    ) throws -> Outcome {
        unsafe try decode(compressed, frame, prefix) { content in
            if let wrong = unsafe pieces.firstDamaged(in: content) {
                return .damaged("chunk \(wrong.digest) is not what the manifest names")
            }
            unsafe try pieces.handOn(from: content, to: receive)
            return .done
        }
    }

    /// The digests of the chunks of a frame, given their sizes; nil where the frame or the local content is not what it should be.
    package func digests(
        of compressed: [UInt8], _ frame: PlannedFrame, prefix: Range<Int>, sizes: [UInt32]
    ) throws -> [Digest]? {
        guard sizes.reduce(0, { $0 + UInt64($1) }) == UInt64(frame.plainSize) else { return nil }
        var digests: [Digest] = []
        let outcome = unsafe try compressed.withUnsafeBytes { compressed in
            unsafe try decode(compressed, frame, prefix) { content in
                var begin = 0
                for size in sizes {
                    unsafe digests.append(Digest(of: UnsafeRawBufferPointer(rebasing: content[begin..<begin + Int(size)])))
                    begin += Int(size)
                }
                return .done
            }
        }
        return outcome == .done ? digests : nil
    }

    private func decode(
        _ compressed: UnsafeRawBufferPointer, _ frame: PlannedFrame, _ prefix: Range<Int>,
        _ use: (UnsafeRawBufferPointer) throws -> Outcome
    ) throws -> Outcome {
        let prefixSize = prefixes.size(of: prefix)
        guard prefixSize <= FrameLimits.maximumPrefixSize else { return .refused }
        return try workspace.withLock { workspace in
            unsafe try workspace.decode(compressed, frame, prefixes, prefix, prefixSize, use)
        }
    }
}

extension DeltaDecoding.Workspace {
    fileprivate func decode(
        _ compressed: UnsafeRawBufferPointer, _ frame: PlannedFrame, _ prefixes: any PrefixSource, _ prefix: Range<Int>, _ prefixSize: Int,
        _ use: (UnsafeRawBufferPointer) throws -> DeltaDecoding.Outcome
    ) throws -> DeltaDecoding.Outcome {
        self.plain.grow(to: Int(frame.plainSize))
        self.prefix.grow(to: prefixSize)
        let old = unsafe UnsafeMutableRawBufferPointer(rebasing: self.prefix.bytes[..<prefixSize])
        guard unsafe try prefixes.read(prefix, into: old) else { return .refused }
        let plain = unsafe UnsafeMutableRawBufferPointer(rebasing: self.plain.bytes[..<Int(frame.plainSize)])
        do throws(FrameError) {
            unsafe try decoder.decode(compressed, prefix: UnsafeRawBufferPointer(old), into: plain)
        } catch { return .damaged(error.description) }
        return unsafe try use(UnsafeRawBufferPointer(plain))
    }
}

extension ArraySlice<Piece> {
    /// The first piece whose bytes do not have its digest. Pieces of the same chunk follow each other and are hashed once.
    func firstDamaged(in content: UnsafeRawBufferPointer) -> Piece? {
        var verified: (start: UInt32, size: UInt32, digest: Digest)?
        for piece in self {
            if let verified, verified == (piece.start, piece.size, piece.digest) { continue }
            guard unsafe Digest(of: piece.bytes(in: content)) == piece.digest else { return piece }
            verified = (piece.start, piece.size, piece.digest)
        }
        return nil
    }

    /// Hands every piece on with its bytes.
    func handOn(from content: UnsafeRawBufferPointer, to receive: (Piece, UnsafeRawBufferPointer) throws -> Void) rethrows {
        for piece in self { unsafe try receive(piece, piece.bytes(in: content)) }
    }
}

extension Piece {
    /// Its bytes in the plain content of a frame, inside which it was checked to be.
    fileprivate func bytes(in content: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(rebasing: content[Int(start)..<Int(start) + Int(size)])
    }
}
