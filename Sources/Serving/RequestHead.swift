/// The head of one HTTP/1.x request, parsed by the rules of RFC 9112 that matter for GET and HEAD.
package struct RequestHead: Hashable, Sendable {
    /// The longest head that is read. Stops a client that sends header bytes for ever.
    package static let byteLimit = 16 * 1024

    package var method: String
    /// The request target as it was sent, query included.
    package var target: String
    /// 1 for HTTP/1.1, 0 for HTTP/1.0.
    package var minorVersion: Int
    /// In the order sent, names in lower case.
    package var fields: [Field]

    package struct Field: Hashable, Sendable {
        package var name: String
        package var value: String
    }

    /// Why a head was refused; the server answers 400, or 505 for another major version.
    package enum Flaw: Error {
        case malformed
        case unsupportedVersion
    }

    /// Parses the bytes up to, not including, the blank line.
    package init(parsing bytes: some Collection<UInt8>) throws(Flaw) {
        let text = String(decoding: bytes, as: UTF8.self)
        var lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)[...]
        guard let first = lines.popFirst() else { throw .malformed }
        let parts = first.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[2].hasPrefix("HTTP/"), !parts[1].isEmpty else { throw .malformed }
        guard parts[2] == "HTTP/1.1" || parts[2] == "HTTP/1.0" else { throw .unsupportedVersion }
        method = String(parts[0])
        target = String(parts[1])
        minorVersion = parts[2] == "HTTP/1.1" ? 1 : 0
        fields = []
        for line in lines { fields.append(try Self.field(line)) }
    }

    /// The value of the first field called `name` (in lower case).
    package subscript(name: String) -> String? {
        fields.first { $0.name == name }?.value
    }

    /// Whether the connection stays open after the answer (RFC 9112 §9.3).
    package var keepsAlive: Bool {
        let options = (self["connection"] ?? "").lowercased()
        return minorVersion == 1 ? !options.contains("close") : options.contains("keep-alive")
    }

    /// Whether a body follows. The server refuses such requests: it would have to read the body past.
    package var announcesBody: Bool {
        self["transfer-encoding"] != nil || (self["content-length"].map { $0 != "0" } ?? false)
    }

    private static func field(_ line: Substring) throws(Flaw) -> Field {
        // A space before the colon, or a folded line, is how requests are smuggled past proxies: refuse both.
        guard let colon = line.firstIndex(of: ":"), colon > line.startIndex,
            !line[..<colon].contains(where: { $0 == " " || $0 == "\t" })
        else { throw .malformed }
        return Field(name: line[..<colon].lowercased(), value: trimmed(line[line.index(after: colon)...]))
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return String(text)
    }
}
