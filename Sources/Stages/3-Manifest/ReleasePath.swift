#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// A path inside a release that is safe to create below any directory on any platform.
///
/// Only `init(_:)` makes one, so whoever holds a `ReleasePath` need not check again: relative, `/`-separated, NFC,
/// no empty, `.` or `..` parts, no control characters, no name that Windows reserves. What concerns two paths at
/// once (case, a file where a folder must be) is the business of `PathRegister`.
public struct ReleasePath: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let description: String

    /// Bytes of UTF-8 in a path; longer ones cannot be created below a store on every platform (PATH_MAX is 4096).
    public static let maximumBytes = 1024
    /// Bytes of UTF-8 in one part: NAME_MAX of the common file systems.
    public static let maximumPartBytes = 255

    /// Applies the rules; throws which one `path` breaks.
    public init(_ path: String) throws(PathError) {
        if let reason = ReleasePath.violation(in: path) { throw PathError(path: path, reason: reason) }
        description = path
    }

    /// Bytewise, so that every platform and language sorts a release alike.
    public static func < (left: ReleasePath, right: ReleasePath) -> Bool { order(left, right) < 0 }

    // Both are spelled out, since comparing strings compares their canonical forms, which is slower and, for
    // a path that is known to be NFC, no different.
    public static func == (left: ReleasePath, right: ReleasePath) -> Bool {
        left.description.utf8.count == right.description.utf8.count && order(left, right) == 0
    }

    public func hash(into hasher: inout Hasher) {
        var text = description
        text.withUTF8 { unsafe hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        hasher.combine(UInt8(0))
    }

    /// Negative, zero or positive, as the left one stands before, at or behind the right one.
    private static func order(_ left: ReleasePath, _ right: ReleasePath) -> Int {
        var (left, right) = (left.description, right.description)
        return left.withUTF8 { left in
            right.withUTF8 { right in
                guard let leftBytes = left.baseAddress, let rightBytes = right.baseAddress else { return left.count - right.count }
                let order = unsafe memcmp(leftBytes, rightBytes, min(left.count, right.count))
                return order != 0 ? Int(order) : left.count - right.count
            }
        }
    }

    /// The parts between the slashes.
    package var parts: [Substring] { description.split(separator: "/") }
}

extension ReleasePath {
    private static func violation(in path: String) -> PathError.Reason? {
        var path = path
        var isASCII = true
        // A copy only where the text is not in one piece already.
        let reason = path.withUTF8 { bytes in unsafe violation(in: bytes, isASCII: &isASCII) }
        // Plain ASCII needs no Unicode tables.
        return isASCII ? reason : reason ?? violation(outsideOfASCII: path)
    }

    /// What is wrong with the bytes: one look at each.
    private static func violation(in bytes: UnsafeBufferPointer<UInt8>, isASCII: inout Bool) -> PathError.Reason? {
        guard let first = unsafe bytes.first else { return .empty }
        guard bytes.count <= maximumBytes else { return .tooLong }
        if first == UInt8(ascii: "/") { return .absolute }
        var begin = 0
        for index in bytes.indices {
            let byte = unsafe bytes[index]
            // Nearly all are, and break no rule.
            if byte.isLetterOrDigit { continue }
            if byte >= 128 { isASCII = false }
            if byte == UInt8(ascii: "/") {
                if let reason = unsafe violation(inPart: UnsafeBufferPointer(rebasing: bytes[begin..<index])) { return reason }
                begin = index + 1
            } else if let reason = violation(of: byte, at: index) {
                return reason
            }
        }
        return unsafe violation(inPart: UnsafeBufferPointer(rebasing: bytes[begin...]))
    }

    private static func violation(of byte: UInt8, at index: Int) -> PathError.Reason? {
        switch byte {
        case 0..<32, 127: .controlCharacter
        case UInt8(ascii: "\\"): .backslash
        case UInt8(ascii: ":") where index == 1: .absolute
        case UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: ":"), UInt8(ascii: "\""), UInt8(ascii: "|"), UInt8(ascii: "?"),
            UInt8(ascii: "*"):
            .reservedCharacter(Character(UnicodeScalar(byte)))
        default: nil
        }
    }

    private static func violation(outsideOfASCII path: String) -> PathError.Reason? {
        if path.unicodeScalars.contains(where: { (0x80...0x9F).contains($0.value) }) { return .controlCharacter }
        return path.isNFC ? nil : .notNFC
    }

    private static func violation(inPart part: UnsafeBufferPointer<UInt8>) -> PathError.Reason? {
        guard let last = unsafe part.last else { return .emptyPart }
        guard part.count <= maximumPartBytes else { return .tooLong }
        if last == UInt8(ascii: "."), part.count <= 2, unsafe part[0] == UInt8(ascii: ".") { return .dotPart }
        if last == UInt8(ascii: ".") || last == UInt8(ascii: " ") { return .trailingDotOrSpace }
        if let name = unsafe WindowsNames.device(in: part) { return .reservedName(name) }
        return nil
    }
}

/// The names that Windows gives to devices, in every folder and with every extension.
private enum WindowsNames {
    private static let devices: Set<String> = Set(
        ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$"]
            + (["1", "2", "3", "4", "5", "6", "7", "8", "9", "\u{B9}", "\u{B2}", "\u{B3}"].flatMap { ["COM\($0)", "LPT\($0)"] }))

    /// The device that `part` would open: what stands before the first dot, spaces at its end dropped.
    static func device(in part: UnsafeBufferPointer<UInt8>) -> String? {
        // Quick refusal: all device names are 3 to 7 bytes and begin with one of five letters.
        guard let first = unsafe part.first, [0x43, 0x50, 0x41, 0x4E, 0x4C].contains(first & 0xDF) else { return nil }
        var stem = unsafe part.prefix { $0 != UInt8(ascii: ".") }
        while unsafe stem.last == UInt8(ascii: " ") { unsafe stem.removeLast() }
        guard unsafe (3...7).contains(stem.count) else { return nil }
        let name = unsafe String(decoding: stem, as: UTF8.self).uppercased()
        return devices.contains(name) ? name : nil
    }
}

extension UInt8 {
    fileprivate var isLetterOrDigit: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: false
        }
    }
}
