/// The answer to a request, before its body: status, fields, and which bytes of the file follow.
package struct AnswerHead: Hashable, Sendable {
    package var status: Int
    package var fields: [String]
    /// The bytes of the file that are the body.
    package var body: Range<UInt64> = 0..<0

    /// An answer without a file. Its body is empty.
    package static func refusal(_ status: Int, _ fields: [String] = []) -> AnswerHead {
        AnswerHead(status: status, fields: ["Content-Length: 0"] + fields)
    }

    /// The answer for a file that exists, by the precedence of RFC 9110 §13.2.2: `If-None-Match`, then `If-Range`
    /// and `Range`.
    package init(for request: RequestHead, size: UInt64, entityTag: String, lastModified: String) {
        let validators = ["ETag: \(entityTag)", "Last-Modified: \(lastModified)"]
        if let known = request["if-none-match"], known == "*" || known.contains(entityTag) {
            self.init(status: 304, fields: validators)
            return
        }
        let condition = request["if-range"]
        let rangeCounts = request.method == "GET" && (condition == nil || condition == entityTag || condition == lastModified)
        switch rangeCounts ? ByteRange(request["range"], size: size) : .whole {
        case .whole:
            self.init(status: 200, fields: ["Content-Length: \(size)"], body: 0..<size)
        case .part(let range):
            let content = "Content-Range: bytes \(range.lowerBound)-\(range.upperBound - 1)/\(size)"
            self.init(status: 206, fields: ["Content-Length: \(range.count)", content], body: range)
        case .unsatisfiable:
            self = .refusal(416, ["Content-Range: bytes */\(size)"])
            return
        }
        fields += ["Content-Type: application/octet-stream", "Accept-Ranges: bytes"] + validators
    }

    package init(status: Int, fields: [String], body: Range<UInt64> = 0..<0) {
        self.status = status
        self.fields = fields
        self.body = body
    }

    /// The bytes on the wire.
    package func encoded(keepsAlive: Bool) -> [UInt8] {
        let connection = "Connection: \(keepsAlive ? "keep-alive" : "close")"
        return Array((["HTTP/1.1 \(status) \(reason)"] + fields + [connection, "", ""]).joined(separator: "\r\n").utf8)
    }

    private var reason: String {
        switch status {
        case 200: "OK"
        case 206: "Partial Content"
        case 304: "Not Modified"
        case 400: "Bad Request"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 413: "Content Too Large"
        case 416: "Range Not Satisfiable"
        case 431: "Request Header Fields Too Large"
        case 503: "Service Unavailable"
        case 505: "HTTP Version Not Supported"
        default: "Status"
        }
    }
}
