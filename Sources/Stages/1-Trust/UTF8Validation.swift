/// Well-formed UTF-8 as table 3-7 of the Unicode standard lists it: no overlong forms, no surrogates, nothing
/// above U+10FFFF. A decoder that repairs such bytes would make two different texts equal.
enum UTF8Validation {
    static func isValid(_ bytes: [UInt8]) -> Bool {
        var index = 0
        while index < bytes.count {
            guard let length = length(of: bytes, at: index) else { return false }
            index += length
        }
        return true
    }

    /// The length of the well-formed sequence at `index`; nil if there is none.
    private static func length(of bytes: [UInt8], at index: Int) -> Int? {
        let first = bytes[index]
        // The range of the second byte depends on the first: that is where overlong forms and surrogates are.
        let (length, second): (Int, ClosedRange<UInt8>)
        switch first {
        case 0x00...0x7F: return 1
        case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xE1...0xEC, 0xEE, 0xEF: (length, second) = (3, 0x80...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: return nil
        }
        guard index + length <= bytes.count, second.contains(bytes[index + 1]) else { return nil }
        return bytes[(index + 2)..<(index + length)].allSatisfy { (0x80...0xBF).contains($0) } ? length : nil
    }
}
