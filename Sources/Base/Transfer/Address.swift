internal import CCurl

/// An address taken apart by libcurl, so that what is checked is exactly what is then connected to.
struct Address: Hashable, Sendable {
    let scheme: String
    let host: String
    let text: String

    init?(_ text: String) {
        self.init(text, relativeTo: nil)
    }

    /// `text` as the `Location` of an answer from `base`.
    init?(_ text: String, relativeTo base: String?) {
        guard let parser = unsafe curl_url() else { return nil }
        defer { unsafe curl_url_cleanup(parser) }
        if let base, unsafe curl_url_set(parser, CURLUPART_URL, base, 0) != CURLUE_OK { return nil }
        guard unsafe curl_url_set(parser, CURLUPART_URL, text, 0) == CURLUE_OK,
            let scheme = unsafe Self.part(parser, CURLUPART_SCHEME),
            let host = unsafe Self.part(parser, CURLUPART_HOST),
            let whole = unsafe Self.part(parser, CURLUPART_URL)
        else { return nil }
        self.scheme = scheme.lowercased()
        self.host = host.lowercased()
        self.text = whole
    }

    /// Whether the host is this machine by its name or number. Names that merely resolve to it do not count: whoever
    /// runs a name server could otherwise allow itself plain connections.
    var isLoopback: Bool {
        host == "localhost" || host == "[::1]" || (host.hasPrefix("127.") && host.allSatisfy { $0.isNumber || $0 == "." })
    }

    /// Whether a redirect may lead here.
    var isAllowedRedirect: Bool { scheme == "https" || (scheme == "http" && isLoopback) }

    /// `text` without the part between `://` and `@`, also where it is no valid address.
    static func withoutCredentials(_ text: String) -> String {
        guard let start = text.range(of: "://")?.upperBound else { return text }
        let authority = text[start...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard let at = authority.lastIndex(of: "@") else { return text }
        return String(text[..<start] + text[text.index(after: at)...])
    }

    private static func part(_ parser: OpaquePointer, _ part: CURLUPart) -> String? {
        var value: UnsafeMutablePointer<CChar>?
        guard unsafe curl_url_get(parser, part, &value, 0) == CURLUE_OK, let value = unsafe value else { return nil }
        defer { unsafe curl_free(value) }
        return unsafe String(cString: value)
    }
}

extension String {
    /// The first place where `needle` stands.
    fileprivate func range(of needle: String) -> Range<String.Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(needle) { return start..<index(start, offsetBy: needle.count) }
            start = index(after: start)
        }
        return nil
    }
}
