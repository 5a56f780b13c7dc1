/// Places of a content that are chosen by the content itself: what two contents have in common they are sampled at alike,
/// wherever it stands in them.
///
/// A sample is the gear hash of the 64 bytes before a place, taken where the highest bits of the hash are zero.
package struct ContentSamples {
    private let mask: UInt64

    /// - Parameter distance: A power of two: about so many bytes lie between two samples.
    package init(distance: Int) {
        precondition(distance > 0 && distance & (distance - 1) == 0)
        mask = ~(UInt64.max >> UInt64(distance.trailingZeroBitCount))
    }

    /// Calls `body` with every sample of `bytes` in order.
    package func forEach(in bytes: UnsafeRawBufferPointer, _ body: (UInt64) -> Void) {
        unsafe GearTable.numbers.withUnsafeBufferPointer { gear in
            var hash: UInt64 = 0
            for position in 0..<bytes.count {
                unsafe hash = (hash << 1) &+ gear[Int(bytes[position])]
                if hash & mask == 0, position >= 63 { body(hash) }
            }
        }
    }

    /// All samples of `bytes` in order.
    package func all(in bytes: ArraySlice<UInt8>) -> [UInt64] {
        var samples: [UInt64] = []
        unsafe bytes.withUnsafeBytes { unsafe forEach(in: $0) { samples.append($0) } }
        return samples
    }
}
