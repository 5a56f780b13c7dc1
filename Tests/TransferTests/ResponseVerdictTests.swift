import InstarTransfer
import Testing

@Suite struct ResponseVerdictTests {
    private func head(_ lines: String...) -> ResponseHead {
        let (head, ends) = taking(lines + [""])
        #expect(ends == Array(repeating: false, count: lines.count) + [true])
        return head
    }

    /// The head after these lines, and after which of them it was complete.
    private func taking(_ lines: [String]) -> (head: ResponseHead, ends: [Bool]) {
        var head = ResponseHead()
        let ends = lines.map { head.take(Array(($0 + "\r\n").utf8)) }
        return (head, ends)
    }

    private let part = AskedFor(first: 100, end: 200, isRanged: true, objectLength: 1000)

    @Test func `the part that was asked for is accepted`() {
        let answer = head("HTTP/1.1 206 Partial Content", "Content-Range: bytes 100-199/1000", "Content-Length: 100")
        #expect(part.judge(answer) == .accept(skip: 0, end: 200))
    }

    @Test func `a shorter part is accepted up to where it ends`() {
        #expect(part.judge(head("HTTP/2 206", "content-range: bytes 100-149/1000")) == .accept(skip: 0, end: 150))
    }

    @Test(arguments: [
        "bytes 99-199/1000", "bytes 101-199/1000", "bytes 100-200/1000", "bytes 0-99/1000", "bytes 199-100/1000", "bytes 100-199/150",
        "100-199/1000",
        "bytes */1000", "bytes 100-199", "bytes -100/1000", "bytes 100-18446744073709551615/*", "bytes 100-199/x", "",
    ])
    func `another part is refused`(range: String) {
        guard case .fault(.wrongRange) = part.judge(head("HTTP/1.1 206 OK", "Content-Range: \(range)")) else {
            Issue.record("\(range) was accepted")
            return
        }
    }

    @Test func `a part without Content-Range is refused`() {
        #expect(part.judge(head("HTTP/1.1 206 OK", "Content-Length: 100")) == .fault(.wrongRange("no Content-Range")))
    }

    @Test func `a part whose length contradicts its range is refused`() {
        let answer = head("HTTP/1.1 206 OK", "Content-Range: bytes 100-199/1000", "Content-Length: 99")
        #expect(part.judge(answer) == .fault(.wrongRange("99 bytes announced for 100")))
    }

    @Test func `several parts in one answer are refused`() {
        let answer = head("HTTP/1.1 206 OK", "Content-Type: multipart/byteranges; boundary=x")
        #expect(part.judge(answer) == .fault(.wrongRange("several parts")))
    }

    @Test func `an object of another length than the manifest says is refused`() {
        let ranged = head("HTTP/1.1 206 OK", "Content-Range: bytes 100-199/1001")
        #expect(part.judge(ranged) == .fault(.wrongLength(expected: 1000, announced: 1001)))
        let whole = head("HTTP/1.1 200 OK", "Content-Length: 999")
        #expect(AskedFor(objectLength: 1000).judge(whole) == .fault(.wrongLength(expected: 1000, announced: 999)))
    }

    @Test func `the whole object in place of a part near its beginning is skipped through`() {
        #expect(part.judge(head("HTTP/1.1 200 OK", "Content-Length: 1000")) == .accept(skip: 100, end: 200))
    }

    @Test func `the whole object in place of a part far inside is refused`() {
        let far = AskedFor(first: 10_000_000, end: 10_000_100, isRanged: true, skipLimit: 1_000_000)
        #expect(far.judge(head("HTTP/1.1 200 OK")) == .fault(.rangeIgnored))
        let metered = AskedFor(first: 1, end: 100, isRanged: true, skipLimit: 0)
        #expect(metered.judge(head("HTTP/1.1 200 OK")) == .fault(.rangeIgnored))
    }

    @Test func `the whole object after If-Range means that it changed`() {
        let asked = AskedFor(first: 100, end: 200, isRanged: true, validator: "\"1\"")
        #expect(asked.judge(head("HTTP/1.1 200 OK", "ETag: \"2\"")) == .fault(.changed))
    }

    @Test func `a part of another version means that it changed, even where the server ignores If-Range`() {
        let asked = AskedFor(first: 100, end: 200, isRanged: true, validator: "\"1\"")
        let other = head("HTTP/1.1 206 OK", "Content-Range: bytes 100-199/1000", "ETag: \"2\"")
        #expect(asked.judge(other) == .fault(.changed))
        let same = head("HTTP/1.1 206 OK", "Content-Range: bytes 100-199/1000", "ETag: \"1\"")
        #expect(asked.judge(same) == .accept(skip: 0, end: 200))
    }

    @Test func `weak entity tags are not used to resume`() {
        #expect(head("HTTP/1.1 200 OK", "ETag: W/\"1\"").validator == nil)
        let date = "Sun, 06 Nov 1994 08:49:37 GMT"
        #expect(head("HTTP/1.1 200 OK", "ETag: W/\"1\"", "Last-Modified: \(date)").validator == date)
        #expect(head("HTTP/1.1 200 OK", "Last-Modified: \(date)", "ETag: \"1\"").validator == "\"1\"")
    }

    @Test(arguments: ["text/html", "TEXT/HTML; charset=utf-8", "application/xhtml+xml"])
    func `a page is no file`(type: String) {
        #expect(AskedFor().judge(head("HTTP/1.1 200 OK", "Content-Type: \(type)")) == .fault(.page))
    }

    @Test func `an encoding that nobody asked for is refused`() {
        #expect(AskedFor().judge(head("HTTP/1.1 200 OK", "Content-Encoding: gzip")) == .fault(.encoded("gzip")))
        #expect(AskedFor().judge(head("HTTP/1.1 200 OK", "Content-Encoding: identity")) == .accept(skip: 0, end: nil))
    }

    @Test func `an announced length over the limit is refused before a byte is read`() {
        #expect(AskedFor(limit: 10).judge(head("HTTP/1.1 200 OK", "Content-Length: 11")) == .fault(.tooLong(limit: 10)))
    }

    @Test func `missing is an answer only where asked for`() {
        #expect(AskedFor(allowsMissing: true).judge(head("HTTP/1.1 404 Not Found")) == .missing(status: 404))
        #expect(AskedFor(allowsMissing: true).judge(head("HTTP/1.1 403 Forbidden")) == .missing(status: 403))
        #expect(AskedFor().judge(head("HTTP/1.1 404 Not Found")) == .fault(.status(404)))
        #expect(AskedFor(allowsMissing: true).judge(head("HTTP/1.1 410 Gone")) == .fault(.status(410)))
    }

    @Test func `a busy server says when to come back`() {
        #expect(AskedFor().judge(head("HTTP/1.1 503 Busy", "Retry-After: 120")) == .fault(.status(503, retryAfter: 120)))
        #expect(AskedFor().judge(head("HTTP/1.1 429 Slow down", "Retry-After: soon")) == .fault(.status(429)))
    }

    @Test func `an interim answer is not the answer`() {
        let (head, ends) = taking(["HTTP/1.1 103 Early Hints", "Content-Length: 5", "", "HTTP/1.1 200 OK", ""])
        #expect(ends == [false, false, false, false, true])
        #expect(head.contentLength == nil)
        #expect(head.byteCount == 66)
    }

    @Test func `lines of any bytes are survived`() {
        var random = Stepper(state: 1)
        for _ in 0..<5000 {
            var head = ResponseHead()
            _ = head.take(Array("HTTP/1.1 20\(random.next() % 10) x\r\n".utf8))
            for name in ["Content-Range: bytes ", "Content-Length: ", "ETag: ", ""] {
                let noise = (0..<random.next() % 24).map { _ in UInt8(truncatingIfNeeded: random.next()) }
                _ = head.take(Array(name.utf8) + noise)
            }
            _ = head.take(Array("\r\n".utf8))
            if case .accept(let skip, let end) = part.judge(head) { #expect(skip <= 100 && (end ?? 101) > 100) }
        }
    }
}
