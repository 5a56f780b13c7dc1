/// Content-defined cutting by FastCDC: Xia et al., "The Design of Fast Content-Defined Chunking for Data Deduplication
/// Based Storage Systems", IEEE TPDS 31 (9), 2020, with normalized chunking of level 2 and sub-minimum skipping.
///
/// A boundary depends on the 64 bytes before it (and on the boundary before that), so an insertion moves no boundary
/// but those next to it.
package struct Cutting: Hashable, Sendable {
    /// Bytes. No chunk but a file's last is smaller.
    package let least: Int
    /// Bytes; a power of two. Chunks are about this long.
    package let average: Int
    /// Bytes. No chunk is larger.
    package let greatest: Int
    /// More bits before the average size than after it, which gathers the sizes around the average.
    private let maskBefore: UInt64
    private let maskAfter: UInt64

    /// Cuts into chunks of about `average` bytes (a power of two from 1024 on), from a quarter to four times of it.
    package init(average: Int) {
        precondition(average >= 1024 && average & (average - 1) == 0)
        least = average / 4
        self.average = average
        greatest = average * 4
        let bits = average.trailingZeroBitCount
        // The highest bits of the hash depend on the most bytes.
        maskBefore = ~(UInt64.max >> UInt64(bits + 2))
        maskAfter = ~(UInt64.max >> UInt64(bits - 2))
    }

    /// The length of the piece with which `bytes` begin, and whether it is a run of zeros. Needs `greatest` bytes, or all up
    /// to the end of the file or to an offset at which a piece must end.
    ///
    /// - Parameter followsZeros: True where a run of zeros ends right before, which may go on here.
    func piece(_ bytes: UnsafeRawBufferPointer, followsZeros: Bool) -> (length: Int, isZero: Bool) {
        let run = unsafe bytes.leadingZeros
        if run >= least || (followsZeros && run > 0) { return (run, true) }
        return (unsafe cut(bytes), false)
    }

    /// The length of the chunk with which `bytes` begin. Needs `greatest` bytes, or all that are left of the file.
    package func cut(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard bytes.count > least else { return bytes.count }
        let end = min(bytes.count, greatest), middle = min(end, average)
        return unsafe GearTable.numbers.withUnsafeBufferPointer { gear in
            var hash: UInt64 = 0
            var position = least
            while position < middle {
                unsafe hash = (hash << 1) &+ gear[Int(bytes[position])]
                position += 1
                if hash & maskBefore == 0 { return position }
            }
            while position < end {
                unsafe hash = (hash << 1) &+ gear[Int(bytes[position])]
                position += 1
                if hash & maskAfter == 0 { return position }
            }
            return end
        }
    }
}

extension UnsafeRawBufferPointer {
    /// How many zero bytes stand at the beginning.
    var leadingZeros: Int {
        var position = 0
        while position + 8 <= count, unsafe loadUnaligned(fromByteOffset: position, as: UInt64.self) == 0 { position += 8 }
        while position < count, unsafe self[position] == 0 { position += 1 }
        return position
    }
}
