/// The bytes between the loop and the consumer of one stream: a ring of fixed size, and how the stream ended.
struct StreamBuffer {
    /// How a stream ended; nothing follows.
    enum Ending: Hashable, Sendable {
        case complete
        case missing(status: Int)
        case failed(TransferError)
    }

    enum Offer {
        case taken
        /// No room: the loop stops reading until the consumer asks to go on.
        case full
        /// The stream was cancelled or sent elsewhere: these bytes are nobody's.
        case unwanted
    }

    private var ring: [UInt8] = []
    private var head = 0
    private(set) var count = 0
    /// The object's offset of the next byte that the consumer gets.
    private(set) var position: UInt64
    /// Counts the restarts that the consumer asked for; bytes of an earlier one are dropped.
    private(set) var epoch = 0
    /// Set while the loop waits for room.
    private var isHeldUp = false
    var ending: Ending?
    /// Which mirror delivered the bytes from each offset on.
    private var sources: [(offset: UInt64, mirror: Int)] = []

    /// The mirror that delivered the last bytes; the first mirror for an empty object.
    var lastSource: Int { sources.last?.mirror ?? 0 }

    init(position: UInt64) {
        self.position = position
    }

    /// Takes `bytes` whole, or nothing.
    mutating func offer(_ bytes: UnsafeRawBufferPointer, from mirror: Int, epoch: Int) -> Offer {
        guard epoch == self.epoch, ending == nil else { return .unwanted }
        guard bytes.count <= TransferLimits.bufferBytes - count else {
            isHeldUp = true
            return .full
        }
        if ring.isEmpty { ring = Array(repeating: 0, count: TransferLimits.bufferBytes) }
        if sources.last?.mirror != mirror { sources.append((position + UInt64(count), mirror)) }
        let start = (head + count) % ring.count
        let first = min(bytes.count, ring.count - start)
        unsafe ring.withUnsafeMutableBytes { ring in
            unsafe UnsafeMutableRawBufferPointer(rebasing: ring[start..<start + first])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<first]))
            guard first < bytes.count else { return }
            unsafe UnsafeMutableRawBufferPointer(rebasing: ring[..<(bytes.count - first)])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[first...]))
        }
        count += bytes.count
        return .taken
    }

    /// Moves bytes to `target`: how many, and whether the loop is to go on.
    mutating func take(into target: UnsafeMutableRawBufferPointer) -> (count: Int, resumes: Bool) {
        let taken = min(count, target.count)
        if taken > 0 {
            let first = min(taken, ring.count - head)
            unsafe ring.withUnsafeBytes { ring in
                unsafe target.copyMemory(from: UnsafeRawBufferPointer(rebasing: ring[head..<head + first]))
                guard first < taken else { return }
                unsafe UnsafeMutableRawBufferPointer(rebasing: target[first...])
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: ring[..<(taken - first)]))
            }
            head = (head + taken) % ring.count
            count -= taken
            position += UInt64(taken)
        }
        // Going on at half full keeps the socket busy while the rest is used, without a wake-up for each read.
        let resumes = isHeldUp && count <= TransferLimits.bufferBytes / 2
        if resumes { isHeldUp = false }
        return (taken, resumes)
    }

    /// Throws away what waits and starts a new epoch at `offset`; answers the mirrors that delivered bytes from there on.
    mutating func restart(at offset: UInt64) -> Set<Int> {
        let delivered = position + UInt64(count)
        var blamed: Set<Int> = []
        for (index, source) in sources.enumerated() {
            let end = index + 1 < sources.count ? sources[index + 1].offset : delivered
            if end > offset, source.offset < position { blamed.insert(source.mirror) }
        }
        sources.removeAll { $0.offset >= offset }
        (head, count, position, isHeldUp) = (0, 0, offset, false)
        epoch += 1
        ending = nil
        return blamed
    }

    /// Ends the stream; the memory goes at once where the bytes are no longer wanted.
    mutating func finish(_ ending: Ending, epoch: Int) {
        guard self.ending == nil, epoch == self.epoch else { return }
        self.ending = ending
        if case .failed = ending { drop() }
    }

    /// Forgets the bytes that wait.
    mutating func drop() {
        ring = []
        (head, count) = (0, 0)
    }
}
