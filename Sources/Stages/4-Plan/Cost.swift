/// What a plan costs. Times are not in it: they depend on the line and the machine.
package struct Cost: Hashable, Sendable {
    /// Bytes of content to download, gaps included.
    package var bytesDownloaded: UInt64 = 0
    /// Of those, bytes that only bridge two wanted ranges.
    package var bytesReadOver: UInt64 = 0
    package var requests: UInt64 = 0
    /// Of the downloaded bytes, those of deltas.
    package var bytesOfDeltas: UInt64 = 0
    /// Plain bytes that the deltas bring.
    package var bytesFromDeltas: UInt64 = 0
    /// Plain bytes taken from local content by copying: by generation, or nil for the directory shipped with the app.
    package var copied: [UInt64?: UInt64] = [:]
    /// Plain bytes of files that are linked.
    package var bytesLinked: UInt64 = 0
    /// Plain bytes that staging writes, which is also how much more disk the update needs at its peak.
    package var bytesWritten: UInt64 = 0
    package var filesLinked: UInt64 = 0
    package var filesWritten: UInt64 = 0

    package init() {}

    /// Plain bytes taken from local content by copying.
    package var bytesCopied: UInt64 { copied.values.reduce(0, +) }

    /// Plain bytes of the release that do not cross the network.
    package var bytesReused: UInt64 { bytesLinked + bytesCopied }

    /// Adds up a plan; `totals` are those of the whole release, the rest of which is linked.
    package init(of plan: Plan, totals: ReleaseTotals) {
        for fetch in plan.fetches {
            let range = UInt64(fetch.range.count)
            bytesDownloaded += range
            bytesReadOver += range - min(range, fetch.frames.reduce(0) { $0 + UInt64($1.compressedSize) })
            for frame in fetch.frames where frame.prefix != nil {
                bytesOfDeltas += UInt64(frame.compressedSize)
                bytesFromDeltas += plan.pieces[frame.pieces].reduce(0) { $0 + UInt64($1.size) }
            }
        }
        requests = UInt64(plan.fetches.count)
        for copy in plan.copies { copied[plan.sources[Int(copy.source)].generation, default: 0] += copy.size }
        bytesWritten = plan.files.reduce(0) { $0 + $1.size }
        filesWritten = UInt64(plan.files.count)
        filesLinked = totals.files - min(totals.files, filesWritten)
        bytesLinked = totals.bytes - min(totals.bytes, bytesWritten)
    }
}
