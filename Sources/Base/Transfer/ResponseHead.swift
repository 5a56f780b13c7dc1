/// The fields of an answer that a transfer acts on, gathered line by line as they arrive.
package struct ResponseHead: Hashable, Sendable {
    package private(set) var status = 0
    package private(set) var contentLength: UInt64?
    /// Whether the end of the body says that it is whole. A body that ends with the connection does not: it may have broken.
    package private(set) var hasDefiniteEnd = false
    /// Whether the answer came over HTTP/2 or later, where many requests share a connection.
    package private(set) var isMultiplexed = false
    package private(set) var contentRange: ContentRange?
    package private(set) var hasContentRange = false
    package private(set) var contentType = ""
    package private(set) var contentEncoding = ""
    package private(set) var location: String?
    /// The server's clock, as it wrote it.
    package private(set) var date: String?
    /// A strong `ETag`, or else `Last-Modified`: what `If-Range` may carry (RFC 9110 §13.1.5).
    package var validator: String? { entityTag ?? lastModified }
    /// Seconds of a `Retry-After` given as a number; libcurl reads the one given as a date.
    package private(set) var retryAfter: Double?
    /// Bytes of all heads so far, interim ones included.
    package private(set) var byteCount = 0
    private var entityTag: String?
    private var lastModified: String?

    /// `bytes 0-99/200`
    package struct ContentRange: Hashable, Sendable {
        package var range: Range<UInt64>
        /// Length of the whole object; nil for `*`.
        package var objectLength: UInt64?
    }

    package init() {}

    /// Takes one line as libcurl hands it over, line end included. A status line begins a new head (after an interim
    /// answer, or a proxy's). Answers true at the blank line that ends a final head.
    package mutating func take(_ line: some Collection<UInt8>) -> Bool {
        byteCount += line.count
        let text = Substring(String(decoding: line, as: UTF8.self)).trimmed
        if text.hasPrefix("HTTP/") {
            self = ResponseHead(status: Self.status(text), byteCount: byteCount, isMultiplexed: !text.hasPrefix("HTTP/1"))
        } else if text.isEmpty {
            return status >= 200
        } else if let colon = text.firstIndex(of: ":") {
            take(name: text[..<colon].lowercased(), value: text[text.index(after: colon)...].trimmed)
        }
        return false
    }

    private init(status: Int, byteCount: Int, isMultiplexed: Bool) {
        self.isMultiplexed = isMultiplexed
        hasDefiniteEnd = isMultiplexed
        self.status = status
        self.byteCount = byteCount
    }

    private mutating func take(name: String, value: Substring) {
        switch name {
        case "content-length": contentLength = UInt64(value)
        case "content-range":
            hasContentRange = true
            contentRange = ContentRange(value)
        case "transfer-encoding": hasDefiniteEnd = value.lowercased().hasSuffix("chunked")
        case "content-type": contentType = value.lowercased()
        case "content-encoding": contentEncoding = value.lowercased()
        case "location": location = String(value)
        case "date": date = String(value)
        case "etag": entityTag = value.hasPrefix("\"") ? String(value) : nil
        case "last-modified": lastModified = String(value)
        case "retry-after": retryAfter = UInt32(value).map(Double.init)
        default: break
        }
    }

    private static func status(_ line: Substring) -> Int {
        let parts = line.split(separator: " ", maxSplits: 2)
        return parts.count > 1 ? Int(parts[1]) ?? 0 : 0
    }
}

extension ResponseHead.ContentRange {
    init?(_ text: Substring) {
        guard text.hasPrefix("bytes ") else { return nil }
        let parts = text.dropFirst(6).split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        let bounds = parts[0].split(separator: "-", omittingEmptySubsequences: false)
        guard bounds.count == 2, let first = UInt64(bounds[0]), let last = UInt64(bounds[1]), first <= last, last < .max else { return nil }
        range = first..<last + 1
        objectLength = UInt64(parts[1])
        guard objectLength != nil || parts[1] == "*", objectLength.map({ $0 > last }) ?? true else { return nil }
    }
}

extension Substring {
    /// Without the spaces, tabs and line ends around it.
    fileprivate var trimmed: Substring {
        let isBlank = { (byte: UInt8) in byte == 32 || byte == 9 || byte == 13 || byte == 10 }
        guard let first = utf8.firstIndex(where: { !isBlank($0) }), let last = utf8.lastIndex(where: { !isBlank($0) }) else { return "" }
        return self[first...last]
    }
}
