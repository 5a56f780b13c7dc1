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
/// larger than a plain frame. What can be done to one frame by several threads is (`ContentShares`).
package final class DeltaDecoding: Sendable {
    package enum Outcome: Hashable {
        case done
        /// The local content is not what it should be, or this machine's zlib does not deflate as the publisher's.
        case refused
        /// What came is not the frame; says why.
        case damaged(String)
    }

    /// What decoding one frame after the other takes.
    final class Workspace {
        var decoder: FrameDecoder
        var plain = ByteBuffer(count: 0)
        var prefix = ByteBuffer(count: 0)
        var members: MemberCodec

        init(decoder: consuming FrameDecoder, members: consuming MemberCodec) {
            self.decoder = decoder
            self.members = members
        }
    }

    private let prefixes: any PrefixSource
    private let inflations: [FrameInflation]
    private let workspaces: Workspaces<Workspace>

    package init(_ prefixes: any PrefixSource, _ inflations: [FrameInflation] = []) {
        (self.prefixes, self.inflations) = (prefixes, inflations)
        workspaces = Workspaces(atMost: 1) { Workspace(decoder: try FrameDecoder(), members: try MemberCodec()) }
    }

    /// What of a frame is inflated.
    func inflation(of frame: PlannedFrame) -> FrameInflation? { frame.inflation.map { inflations[$0] } }

    /// Decompresses a frame and, where all of `pieces` verify, hands them on.
    package func decode(
        _ compressed: UnsafeRawBufferPointer, _ frame: PlannedFrame, prefix: Range<Int>, pieces: ArraySlice<Piece>,
        receive: @Sendable (Piece, UnsafeRawBufferPointer) throws -> Void
    ) throws -> Outcome {
        let shares = ContentShares(pieces)
        return unsafe try decode(compressed, frame, prefix) { content in
            if let wrong = unsafe try shares.firstDamaged(in: content) {
                // What was deflated here may be wrong though what came is not: that is seen by its checksum.
                return frame.inflation != nil ? .refused : .damaged("chunk \(wrong.digest) is not what the manifest names")
            }
            unsafe try shares.handOn(from: content, to: receive)
            return .done
        }
    }

    /// The digests of the chunks of a frame that holds them as they are, given their sizes; nil where the frame or the local content
    /// is not what it should be.
    package func digests(
        of compressed: [UInt8], _ frame: PlannedFrame, prefix: Range<Int>, sizes: [UInt32]
    ) throws -> [Digest]? {
        guard sizes.reduce(0, { $0 + UInt64($1) }) == UInt64(frame.plainSize) else { return nil }
        var digests: [Digest] = []
        let outcome = unsafe try compressed.withUnsafeBytes { compressed in
            unsafe try decode(compressed, frame, prefix) { content in
                digests = unsafe try ContentShares.digests(of: sizes, in: content)
                return .done
            }
        }
        return outcome == .done ? digests : nil
    }

    /// Hands the chunks of a frame, one after the other, to `use`.
    private func decode(
        _ compressed: UnsafeRawBufferPointer, _ frame: PlannedFrame, _ prefix: Range<Int>,
        _ use: (UnsafeRawBufferPointer) throws -> Outcome
    ) throws -> Outcome {
        let local = LocalPrefix(prefixes, prefix)
        guard local.size <= FrameLimits.maximumPrefixSize else { return .refused }
        return try workspaces.withOne { workspace in
            if let inflation = inflation(of: frame) {
                unsafe try workspace.decode(compressed, frame, inflation, local, use)
            } else {
                unsafe try workspace.decode(compressed, frame, local, use)
            }
        }
    }
}

/// The prefix of one frame.
struct LocalPrefix {
    private let source: any PrefixSource
    private let parts: Range<Int>

    init(_ source: any PrefixSource, _ parts: Range<Int>) { (self.source, self.parts) = (source, parts) }

    var size: Int { source.size(of: parts) }
    var count: Int { parts.count }

    /// Some of its parts, counted from its first.
    subscript(range: Range<Int>) -> LocalPrefix {
        LocalPrefix(source, parts.lowerBound + range.lowerBound..<parts.lowerBound + range.upperBound)
    }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Bool { unsafe try source.read(parts, into: buffer) }
}

extension DeltaDecoding.Workspace {
    fileprivate func decode(
        _ compressed: UnsafeRawBufferPointer, _ frame: PlannedFrame, _ local: LocalPrefix,
        _ use: (UnsafeRawBufferPointer) throws -> DeltaDecoding.Outcome
    ) throws -> DeltaDecoding.Outcome {
        prefix.grow(to: local.size)
        let old = unsafe prefix.first(local.size)
        guard unsafe try local.read(into: old) else { return .refused }
        if let wrong = unsafe decompress(compressed, frame, prefix: old) { return .damaged(wrong) }
        return unsafe try use(UnsafeRawBufferPointer(plain.first(Int(frame.plainSize))))
    }

    /// Decompresses a frame into `plain`; says what is wrong with it.
    func decompress(_ compressed: UnsafeRawBufferPointer, _ frame: PlannedFrame, prefix: UnsafeMutableRawBufferPointer) -> String? {
        plain.grow(to: Int(frame.plainSize))
        do throws(FrameError) {
            unsafe try decoder.decode(compressed, prefix: UnsafeRawBufferPointer(prefix), into: plain.first(Int(frame.plainSize)))
            return nil
        } catch { return error.description }
    }
}
