/// Cuts the bytes of a connection into request heads; bytes after one head belong to the next (pipelining).
package struct HeadReader {
    package enum Outcome {
        case head(RequestHead)
        /// The peer closed, or was silent for too long.
        case end
        case tooLong
        case flawed(RequestHead.Flaw)
    }

    private let socket: Socket
    private var pending: [UInt8] = []

    package init(socket: Socket) {
        self.socket = socket
    }

    /// Blocks until a whole head is there.
    package mutating func next() -> Outcome {
        var searched = 0
        while true {
            if let end = headEnd(from: searched) {
                let head = pending[..<end]
                defer { pending.removeSubrange(..<(end + 4)) }
                do { return .head(try RequestHead(parsing: head)) } catch { return .flawed(error) }
            }
            guard pending.count <= RequestHead.byteLimit else { return .tooLong }
            searched = max(0, pending.count - 3)
            guard let more = socket.receive(upTo: 4096) else { return .end }
            pending += more
        }
    }

    /// Where the blank line begins that ends the head.
    private func headEnd(from start: Int) -> Int? {
        guard pending.count >= 4 else { return nil }
        for index in start...(pending.count - 4)
        where pending[index] == 13 && pending[index + 1] == 10 && pending[index + 2] == 13 && pending[index + 3] == 10 {
            return index
        }
        return nil
    }
}
