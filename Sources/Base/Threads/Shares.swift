extension RandomAccessCollection {
    /// Shares of bytes to read, hash or write for all processors, none so small that its thread takes longer to start.
    package func shares(ofBytes bytes: (Element) -> Int) -> [SubSequence] {
        shares(for: Workers.processorCount, ofAtLeast: 256 << 10, weight: bytes)
    }

    /// Consecutive parts of about the same weight, in order: one for each thread, or fewer, so that each has at least `least`.
    package func shares(for threads: Int, ofAtLeast least: Int, weight: (Element) -> Int) -> [SubSequence] {
        let total = reduce(0) { $0 + weight($1) }
        let count = Swift.max(1, Swift.min(threads, total / Swift.max(1, least)))
        var shares: [SubSequence] = []
        var (begin, end, sum) = (startIndex, startIndex, 0)
        while end < endIndex {
            sum += weight(self[end])
            formIndex(after: &end)
            let isFull = shares.count + 1 < count && sum * count >= total * (shares.count + 1)
            guard isFull || end == endIndex else { continue }
            shares.append(self[begin..<end])
            begin = end
        }
        return shares
    }
}
