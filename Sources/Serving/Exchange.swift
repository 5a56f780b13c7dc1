#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// The requests and answers of one connection.
struct Exchange {
    /// Bytes of a file that are in memory at one time, for each connection.
    private static let pieceBytes = 256 * 1024

    let socket: Socket
    let root: Int32
    let onRequest: @Sendable (DevelopmentServer.Served) -> Void

    /// Answers requests until the client or the standard says that the connection ends.
    func serve() {
        var reader = HeadReader(socket: socket)
        while true {
            switch reader.next() {
            case .end: return
            case .tooLong:
                socket.send(AnswerHead.refusal(431).encoded(keepsAlive: false))
                return
            case .flawed(let flaw):
                let status = flaw == .malformed ? 400 : 505
                socket.send(AnswerHead.refusal(status).encoded(keepsAlive: false))
                return
            case .head(let request):
                guard answer(request) else { return }
            }
        }
    }

    /// Sends the answer to `request`; false where the connection is to be closed.
    private func answer(_ request: RequestHead) -> Bool {
        guard !request.announcesBody else { return finish(request, .refusal(413), keepsAlive: false) }
        guard request.method == "GET" || request.method == "HEAD" else {
            return finish(request, .refusal(405, ["Allow: GET, HEAD"]), keepsAlive: request.keepsAlive)
        }
        guard let names = RequestPath.names(of: request.target), let file = ServedFile(below: root, names: names) else {
            return finish(request, .refusal(404), keepsAlive: request.keepsAlive)
        }
        let head = AnswerHead(for: request, size: file.size, entityTag: file.entityTag, lastModified: file.lastModified)
        guard socket.send(head.encoded(keepsAlive: request.keepsAlive)) else { return false }
        let body = request.method == "HEAD" ? 0..<0 : head.body
        let sent = send(file.descriptor, body)
        report(request, head.status, sent)
        // A file that shrank meanwhile leaves an answer shorter than announced: only closing says so.
        return sent == UInt64(body.count) && request.keepsAlive
    }

    private func finish(_ request: RequestHead, _ head: AnswerHead, keepsAlive: Bool) -> Bool {
        let isSent = socket.send(head.encoded(keepsAlive: keepsAlive))
        report(request, head.status, 0)
        return isSent && keepsAlive
    }

    private func report(_ request: RequestHead, _ status: Int, _ bytes: UInt64) {
        onRequest(.init(method: request.method, target: request.target, range: request["range"], status: status, bytes: bytes))
    }

    /// Sends these bytes of the file and answers how many there were.
    private func send(_ file: Int32, _ range: Range<UInt64>) -> UInt64 {
        guard !range.isEmpty else { return 0 }
        return unsafe withUnsafeTemporaryAllocation(byteCount: Self.pieceBytes, alignment: 4096) { buffer in
            var position = range.lowerBound
            while position < range.upperBound {
                let wanted = min(UInt64(buffer.count), range.upperBound - position)
                let count = unsafe pread(file, buffer.baseAddress, Int(wanted), off_t(position))
                guard count > 0, unsafe socket.send(UnsafeRawBufferPointer(rebasing: buffer[..<count])) else { break }
                position += UInt64(count)
            }
            return position - range.lowerBound
        }
    }
}
