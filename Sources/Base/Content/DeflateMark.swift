internal import InstarCryptography

extension DeflateParameters {
    /// A number that tells one zlib from another: what it makes of a sample with these parameters. Libraries that differ in the
    /// search for matches, or in where a block ends, differ in it. The same mark promises nothing, so that what is deflated again
    /// is always verified; another one saves trying.
    package func mark() throws(DeflateError) -> UInt64 {
        var deflater = try Deflater(self)
        let sample = DeflateSample.bytes
        return Digest(of: deflater.deflate(sample, limit: sample.count * 2) ?? []).prefix
    }
}

/// Content in which every implementation of deflate finds something of its own: frequent and rare words, some nonsense, near and
/// far repetitions, and much that begins alike; several blocks, and several times the window. The same everywhere, for ever.
package enum DeflateSample {
    private static let size = 192 << 10
    /// Bytes at the end in which only a very patient search finds the longest match.
    private static let deepSize = 32 << 10

    package static let bytes: [UInt8] = {
        var random = SplitMix64(seed: 0x496E_7374_6172_2032)  // "Instar 2"
        let words = (0..<256).map { _ in word(random.next()) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(size + 300)
        while bytes.count < size { write(random.next(), words, to: &bytes) }
        bytes.removeLast(bytes.count - size + deepSize)
        while bytes.count < size {
            let number = random.next()
            for bit in 0..<32 { bytes.append(0x61 + UInt8(truncatingIfNeeded: number >> UInt64(bit)) & 1) }
        }
        return bytes
    }()

    private static func word(_ number: UInt64) -> [UInt8] {
        (0..<2 + (number & 7)).map { 0x61 + UInt8(truncatingIfNeeded: number >> (8 + 4 * $0)) & 15 }
    }

    private static func write(_ number: UInt64, _ words: [[UInt8]], to bytes: inout [UInt8]) {
        // Few words are frequent.
        bytes += words[Int(min(number & 255, (number >> 8) & 255, (number >> 16) & 255))]
        if (number >> 24) & 63 == 0 { bytes += (0..<8).map { UInt8(truncatingIfNeeded: number >> UInt64(8 * $0)) } }
        guard (number >> 32) & 127 == 0, bytes.count > 64 else { return }
        let reach = min(bytes.count, 1 << (8 + Int((number >> 40) & 7))), begin = bytes.count - 1 - Int(number >> 48) % reach
        for offset in 0..<3 + Int(number >> 56) { bytes.append(bytes[begin + offset]) }
    }
}
