/// Records as staging comes by them: runs of linked files, each in path order, and single ones in any order. Most are in order
/// already, so that sorting them is copying a few large pieces.
struct RecordSet: Sendable {
    private var runs: [RecordRun] = []
    private var single = RecordRun()

    mutating func append(_ record: FileRecord) { single.append(record) }

    mutating func append(_ run: RecordRun) { if !run.starts.isEmpty { runs.append(run) } }

    /// The records as values, in no order.
    var records: [FileRecord] { runs.flatMap(\.records) + single.records }

    /// All records by path.
    func sorted() -> RecordRun {
        var linked = RecordRun()
        linked.reserve(records: runs.reduce(0) { $0 + $1.starts.count }, bytes: runs.reduce(0) { $0 + $1.bytes.count })
        for run in runs { linked.append(run) }
        return linked.sorted().merged(with: single.sorted())
    }
}

extension RecordRun {
    /// Both runs, each of them sorted, in one.
    fileprivate func merged(with other: RecordRun) -> RecordRun {
        let (long, short) = starts.count < other.starts.count ? (other, self) : (self, other)
        if short.starts.isEmpty { return long }
        var merged = RecordRun()
        merged.reserve(records: long.starts.count + short.starts.count, bytes: long.bytes.count + short.bytes.count)
        var done = 0
        for index in short.starts.indices {
            let next = long.position(of: short, index, from: done)
            merged.append(long, done..<next)
            merged.append(short, index..<(index + 1))
            done = next
        }
        merged.append(long, done..<long.starts.count)
        merged.count(long)
        merged.count(short)
        return merged
    }
}
