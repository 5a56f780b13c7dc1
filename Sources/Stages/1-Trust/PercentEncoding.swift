/// Names from metadata made safe for addresses and file names (RFC 3986): what is not unreserved becomes
/// `%XX`, so that no `/`, `..`, `?` or `#` in a name means anything.
package enum PercentEncoding {
    /// A name as one part of a path: only letters, digits, `-`, `.`, `_` and `~` stay.
    package static func component(_ name: ByteText) -> String {
        encode(name.utf8, keeping: unreserved)
    }

    /// A target path as part of an address: `/` stays, so do the harmless marks that RFC 3986 allows in a path;
    /// `+` does not, since object stores read it as a space. A part `.` or `..` is encoded, lest it climb.
    package static func path(_ path: ByteText) -> String {
        path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map { part in
            if part.elementsEqual(".".utf8) { return "%2E" }
            if part.elementsEqual("..".utf8) { return "%2E%2E" }
            return encode(part, keeping: unreserved + Array("!$&'()*,;=:@".utf8))
        }.joined(separator: "/")
    }

    private static let unreserved = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8)

    private static func encode(_ bytes: some Sequence<UInt8>, keeping kept: [UInt8]) -> String {
        var output: [UInt8] = []
        for byte in bytes {
            if kept.contains(byte) {
                output.append(byte)
            } else {
                let digits = Array("0123456789ABCDEF".utf8)
                output += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: output, as: UTF8.self)
    }
}
