/// How zlib deflates: what the same zlib makes of the same bytes with the same parameters is the same, always.
package struct DeflateParameters: Hashable, Sendable {
    /// 1 to 9. What level 0 gives depends on how it is called.
    package let level: Int
    /// 1 to 9: how many symbols a block holds, and how finely the past is indexed.
    package let memory: Int
    /// 0 to 4, the least being what nearly everybody uses.
    package let strategy: Int
    /// 9 to 15: how far back a stream refers, as a power of two.
    package let windowBits: Int

    /// Nil for numbers that zlib would not take.
    package init?(level: Int, memory: Int = 8, strategy: Int = 0, windowBits: Int = 15) {
        guard (1...9).contains(level), (1...9).contains(memory), (0...4).contains(strategy), (9...15).contains(windowBits) else {
            return nil
        }
        self.level = level
        self.memory = memory
        self.strategy = strategy
        self.windowBits = windowBits
    }
}

/// Bytes that are not the deflate stream they were said to be.
package enum DeflateError: Error, Hashable, Sendable, CustomStringConvertible {
    /// There is more in it than it may hold.
    case tooLarge(limit: Int)
    /// It goes on behind the last byte.
    case truncated
    /// It ended, and so many bytes follow.
    case trailing(Int)
    /// No deflate stream; says what zlib says.
    case damaged(String)
    /// No memory for the codec.
    case outOfMemory

    package var description: String {
        switch self {
        case .tooLarge(let limit): "a deflate stream is refused: it holds more than \(limit) bytes"
        case .truncated: "a deflate stream is damaged: it ends in the middle; fetch it again"
        case .trailing(let count): "a deflate stream is damaged: \(count) bytes follow it; fetch it again"
        case .damaged(let what): "a deflate stream is damaged: \(what); fetch it again"
        case .outOfMemory: "there is no memory left for zlib"
        }
    }
}
