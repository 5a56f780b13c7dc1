internal import InstarContent

/// Finds the parameters with which zlib gives the very bytes of a deflate stream again. Other tools than zlib give others, and
/// their streams are left alone.
struct RecompressionProof: ~Copyable {
    /// Bytes of a stream that are compared first: nearly always a wrong guess shows there, after a block or two.
    private static let firstLook = 4096

    private final class Held {
        var deflater: Deflater

        init(_ parameters: DeflateParameters) throws(DeflateError) { deflater = try Deflater(parameters) }

        /// Whether the stream of `plain` begins as `deflated` does.
        func begins(_ deflated: [UInt8], with plain: [UInt8]) -> Bool {
            var first = [UInt8](repeating: 0, count: RecompressionProof.firstLook)
            var output = first.mutableSpan
            let count = unsafe output.withUnsafeMutableBytes { output in
                unsafe plain.span.bytes.withUnsafeBytes { unsafe deflater.deflate($0, into: output) }
            }
            return count == nil && deflated.starts(with: first)
        }
    }

    private var deflaters: [DeflateParameters: Held] = [:]

    /// The first of `candidates` that makes `deflated` of `plain`.
    mutating func parameters(among candidates: [DeflateParameters], making deflated: [UInt8], of plain: [UInt8]) throws
        -> DeflateParameters?
    {
        for parameters in candidates {
            let held = try deflaters[parameters] ?? Held(parameters)
            deflaters[parameters] = held
            if deflated.count > RecompressionProof.firstLook, !held.begins(deflated, with: plain) { continue }
            if held.deflater.deflate(plain, limit: deflated.count) == deflated { return parameters }
        }
        return nil
    }

    /// What the tools of the world use, the likely ones first.
    ///
    /// - Parameter flags: of a member: many tools note there whether they took their best level or their fastest.
    static func candidates(flags: UInt16) -> [DeflateParameters] {
        let levels =
            switch flags & 6 {
            case 2: [9, 8, 6, 7, 5, 4, 3, 2, 1]
            case 4: [2, 3, 1, 4, 5, 6, 7, 8, 9]
            case 6: [1, 2, 3, 4, 5, 6, 7, 8, 9]
            default: [6, 9, 5, 1, 7, 8, 4, 3, 2]
            }
        return [8, 9].flatMap { memory in levels.compactMap { DeflateParameters(level: $0, memory: memory) } }
    }
}
