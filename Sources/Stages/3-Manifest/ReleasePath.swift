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
    public static func < (left: ReleasePath, right: ReleasePath) -> Bool {
        left.description.utf8.lexicographicallyPrecedes(right.description.utf8)
    }

    // Both are spelled out, since comparing strings compares their canonical forms, which is slower and, for
    // a path that is known to be NFC, no different.
    public static func == (left: ReleasePath, right: ReleasePath) -> Bool {
        left.description.utf8.elementsEqual(right.description.utf8)
    }

    public func hash(into hasher: inout Hasher) {
        for byte in description.utf8 { hasher.combine(byte) }
        hasher.combine(UInt8(0))
    }

    /// The parts between the slashes.
    package var parts: [Substring] { description.split(separator: "/") }
}

extension ReleasePath {
    private static func violation(in path: String) -> PathError.Reason? {
        let bytes = path.utf8
        guard let first = bytes.first else { return .empty }
        guard bytes.count <= maximumBytes else { return .tooLong }
        if first == UInt8(ascii: "/") { return .absolute }
        if let reason = forbiddenCharacter(in: path) { return reason }
        for part in path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            if let reason = violation(inPart: part) { return reason }
        }
        return nil
    }

    /// Looks at every character once; plain ASCII needs no Unicode tables.
    private static func forbiddenCharacter(in path: String) -> PathError.Reason? {
        var isASCII = true
        for byte in path.utf8 {
            switch byte {
            case 0..<32, 127: return .controlCharacter
            case UInt8(ascii: "\\"): return .backslash
            case UInt8(ascii: ":") where path.utf8.dropFirst().first == byte: return .absolute
            case UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: ":"), UInt8(ascii: "\""), UInt8(ascii: "|"), UInt8(ascii: "?"),
                UInt8(ascii: "*"):
                return .reservedCharacter(Character(UnicodeScalar(byte)))
            case 128...: isASCII = false
            default: break
            }
        }
        if isASCII { return nil }
        if path.unicodeScalars.contains(where: { (0x80...0x9F).contains($0.value) }) { return .controlCharacter }
        return path.isNFC ? nil : .notNFC
    }

    private static func violation(inPart part: Substring.UTF8View) -> PathError.Reason? {
        guard let last = part.last else { return .emptyPart }
        guard part.count <= maximumPartBytes else { return .tooLong }
        if part.elementsEqual(".".utf8) || part.elementsEqual("..".utf8) { return .dotPart }
        if last == UInt8(ascii: ".") || last == UInt8(ascii: " ") { return .trailingDotOrSpace }
        if let name = WindowsNames.device(in: part) { return .reservedName(name) }
        return nil
    }
}

/// The names that Windows gives to devices, in every folder and with every extension.
private enum WindowsNames {
    private static let devices: Set<String> = Set(
        ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$"]
            + (["1", "2", "3", "4", "5", "6", "7", "8", "9", "\u{B9}", "\u{B2}", "\u{B3}"].flatMap { ["COM\($0)", "LPT\($0)"] }))

    /// The device that `part` would open: what stands before the first dot, spaces at its end dropped.
    static func device(in part: Substring.UTF8View) -> String? {
        // Quick refusal: all device names are 3 to 7 bytes and begin with one of five letters.
        guard let first = part.first, [0x43, 0x50, 0x41, 0x4E, 0x4C].contains(first & 0xDF) else { return nil }
        let stem = Substring(part.prefix { $0 != UInt8(ascii: ".") })
        let trimmed = stem.utf8.reversed().drop { $0 == UInt8(ascii: " ") }
        guard (3...7).contains(trimmed.count) else { return nil }
        let name = Substring(stem.utf8.prefix(trimmed.count)).uppercased()
        return devices.contains(name) ? name : nil
    }
}
