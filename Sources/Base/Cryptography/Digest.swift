/// A SHA-256 digest (FIPS 180-4): the name of any content in Instar.
public struct Digest: Hashable, Sendable, Comparable, CustomStringConvertible {
    // Four words in place of an array: no allocation, cheap to hash, 32 bytes in any collection.
    private let words: (UInt64, UInt64, UInt64, UInt64)

    /// The number of bytes of every digest.
    public static let byteCount = 32

    /// Takes exactly 32 bytes; nil for any other number.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == Digest.byteCount else { return nil }
        var words: [UInt64] = [0, 0, 0, 0]
        for (index, byte) in bytes.enumerated() { words[index / 8] = words[index / 8] << 8 | UInt64(byte) }
        self.words = (words[0], words[1], words[2], words[3])
    }

    /// Takes exactly 64 hexadecimal digits, either case; nil for anything else.
    public init?(hexadecimal: some StringProtocol) {
        guard let bytes = [UInt8](hexadecimal: hexadecimal) else { return nil }
        self.init(bytes: bytes)
    }

    /// Reads 32 bytes at `offset` of a buffer that the caller has checked to be long enough.
    package init(loading buffer: UnsafeRawBufferPointer, at offset: Int) {
        precondition(offset >= 0 && buffer.count - offset >= Digest.byteCount)
        words = unsafe (
            UInt64(bigEndian: buffer.loadUnaligned(fromByteOffset: offset, as: UInt64.self)),
            UInt64(bigEndian: buffer.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self)),
            UInt64(bigEndian: buffer.loadUnaligned(fromByteOffset: offset + 16, as: UInt64.self)),
            UInt64(bigEndian: buffer.loadUnaligned(fromByteOffset: offset + 24, as: UInt64.self))
        )
    }

    /// The 32 bytes, first byte first.
    public var bytes: [UInt8] {
        [words.0, words.1, words.2, words.3].flatMap { word in
            (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * $0)) }
        }
    }

    /// The first eight bytes as a number: as evenly distributed as the whole.
    package var prefix: UInt64 { words.0 }

    /// Writes the 32 bytes at `offset` of a buffer that the caller has checked to be long enough.
    package func store(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) {
        precondition(offset >= 0 && buffer.count - offset >= Digest.byteCount)
        unsafe buffer.storeBytes(of: words.0.bigEndian, toByteOffset: offset, as: UInt64.self)
        unsafe buffer.storeBytes(of: words.1.bigEndian, toByteOffset: offset + 8, as: UInt64.self)
        unsafe buffer.storeBytes(of: words.2.bigEndian, toByteOffset: offset + 16, as: UInt64.self)
        unsafe buffer.storeBytes(of: words.3.bigEndian, toByteOffset: offset + 24, as: UInt64.self)
    }

    /// 64 lower-case hexadecimal digits.
    public var description: String { bytes.hexadecimal }

    public static func == (left: Digest, right: Digest) -> Bool { left.words == right.words }

    public static func < (left: Digest, right: Digest) -> Bool { left.words < right.words }

    public func hash(into hasher: inout Hasher) {
        // A digest is uniformly distributed: its first word says as much as all four.
        hasher.combine(words.0)
    }
}
