/// Appends numbers, texts and digests to bytes: the coding of files that only Instar reads.
package struct ByteWriter {
    package private(set) var bytes: [UInt8]

    package init(bytes: [UInt8] = []) {
        self.bytes = bytes
    }

    /// Makes room for so many bytes more.
    package mutating func reserve(_ count: Int) { bytes.reserveCapacity(bytes.count + count) }

    package mutating func byte(_ value: UInt8) { bytes.append(value) }

    /// Bytes that were coded before.
    package mutating func append(_ coded: [UInt8]) { bytes += coded }

    /// Bytes that were coded before.
    package mutating func append(_ coded: ArraySlice<UInt8>) { bytes += coded }

    package mutating func short(_ value: UInt32) {
        for shift in stride(from: UInt32(0), to: 32, by: 8) { bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
    }

    package mutating func number(_ value: UInt64) {
        for shift in stride(from: UInt64(0), to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
    }

    /// At most 65,535 bytes, which no path of a release reaches.
    package mutating func text(_ text: String) {
        let utf8 = text.utf8.prefix(Int(UInt16.max))
        bytes.append(UInt8(truncatingIfNeeded: utf8.count))
        bytes.append(UInt8(truncatingIfNeeded: utf8.count >> 8))
        bytes.append(contentsOf: utf8)
    }

    package mutating func digest(_ digest: Digest) {
        bytes.append(contentsOf: repeatElement(0, count: Digest.byteCount))
        unsafe bytes.withUnsafeMutableBytes { unsafe digest.store(into: $0, at: $0.count - Digest.byteCount) }
    }

    /// All that was written, and behind it the digest of it.
    package consuming func sealed() -> [UInt8] {
        let check = Digest(of: bytes)
        digest(check)
        return bytes
    }
}

/// Takes off what a `ByteWriter` wrote; nil where the bytes end too early.
package struct ByteReader {
    private let bytes: [UInt8]
    package private(set) var position: Int
    private let end: Int

    package init(_ bytes: [UInt8], from start: Int, to end: Int) {
        self.bytes = bytes
        self.position = start
        self.end = end
    }

    /// Reads what `ByteWriter.sealed` answered; nil where it does not begin with `magic` or is not what was written.
    package init?(sealed bytes: [UInt8], magic: [UInt8]) {
        let content = bytes.count - Digest.byteCount
        guard content >= magic.count, bytes.starts(with: magic) else { return nil }
        let check = unsafe bytes.withUnsafeBytes { unsafe Digest(of: UnsafeRawBufferPointer(rebasing: $0[..<content])) }
        guard Digest(bytes: bytes[content...]) == check else { return nil }
        self.init(bytes, from: magic.count, to: content)
    }

    /// True where nothing is left.
    package var isAtEnd: Bool { position == end }

    package mutating func byte() -> UInt8? { take(1)?.first }

    package mutating func short() -> UInt32? {
        guard let taken = take(4) else { return nil }
        var value: UInt32 = 0
        for byte in taken.reversed() { value = value << 8 | UInt32(byte) }
        return value
    }

    package mutating func number() -> UInt64? {
        guard let taken = take(8) else { return nil }
        var value: UInt64 = 0
        for byte in taken.reversed() { value = value << 8 | UInt64(byte) }
        return value
    }

    package mutating func textBytes() -> ArraySlice<UInt8>? {
        guard let length = take(2) else { return nil }
        return take(Int(length[length.startIndex]) | Int(length[length.startIndex + 1]) << 8)
    }

    package mutating func text() -> String? { textBytes().map { String(decoding: $0, as: UTF8.self) } }

    package mutating func digest() -> Digest? {
        guard let taken = take(Digest.byteCount) else { return nil }
        return unsafe bytes.withUnsafeBytes { unsafe Digest(loading: $0, at: taken.startIndex) }
    }

    package mutating func digests() -> [Digest]? {
        guard let count = number(), count <= UInt64(end - position) / UInt64(Digest.byteCount) else { return nil }
        var digests: [Digest] = []
        for _ in 0..<count { digest().map { digests.append($0) } }
        return digests
    }

    /// True where so many bytes were there to pass over.
    package mutating func skip(_ count: Int) -> Bool { take(count) != nil }

    private mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard count <= end - position else { return nil }
        defer { position += count }
        return bytes[position..<(position + count)]
    }
}
