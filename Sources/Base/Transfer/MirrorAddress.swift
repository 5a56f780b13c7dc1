internal import CCurl

/// The base address of a mirror, and addresses below it.
package struct MirrorAddress: Hashable, Sendable {
    /// As it is sent to libcurl: may hold a user name and a password. Ends with a slash.
    let base: String
    /// For messages and scores: without user name and password.
    package let shown: String

    /// Takes `http://…` and `https://…`; a path is kept, a query or fragment is refused.
    package init(_ text: String) throws(TransferError) {
        let shownText = Address.withoutCredentials(text)
        guard let address = Address(text), address.scheme == "http" || address.scheme == "https" else {
            throw TransferError(url: shownText, fault: .invalidAddress("not an http or https address"))
        }
        guard !text.contains("?"), !text.contains("#") else {
            throw TransferError(url: shownText, fault: .invalidAddress("a base address cannot have a query or a fragment"))
        }
        // libcurl's form of it, so that the scheme is in lower case.
        base = address.text.hasSuffix("/") ? address.text : address.text + "/"
        shown = Address.withoutCredentials(base)
    }

    /// The address of `path` below the base, each byte that an address cannot hold escaped.
    func url(_ request: TransferRequest) -> String { base + (request.isEscaped ? request.path : Self.escaped(request.path)) }

    /// The same for people.
    package func shownURL(_ path: String) -> String { shown + Self.escaped(path) }

    /// Whether `path` stays below the base: relative, no empty part, no `.` and no `..`.
    package static func isRelative(_ path: String) -> Bool {
        !path.isEmpty
            && path.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
            && !path.utf8.contains { $0 < 32 || $0 == 127 || $0 == UInt8(ascii: "\\") }
    }

    private static func escaped(_ path: String) -> String {
        var result = ""
        for byte in path.utf8 {
            let character = UnicodeScalar(byte)
            if character.isASCII,
                character.properties.isAlphabetic || ("0"..."9").contains(character) || "-._~/+,=@".unicodeScalars.contains(character)
            {
                result.unicodeScalars.append(character)
            } else {
                result += byte < 16 ? "%0" : "%"
                result += String(byte, radix: 16, uppercase: true)
            }
        }
        return result
    }
}
