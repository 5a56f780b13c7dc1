internal import InstarManifest
package import InstarPlan

/// Which frames of a download are read over which request: the planned ranges one after the other, and later parts of ranges that
/// come slowly over requests of their own. A pure value: how fast a range comes is said from outside.
package struct RangeSharing {
    /// How a range comes, once that can be said.
    package struct Pace: Hashable, Sendable {
        package var bytesPerSecond: Double
        /// The object's offset of the next byte that has not come.
        package var reached: UInt64
        /// Seconds until the first byte was there, which the next request is going to take too.
        package var secondsToBegin: Double

        package init(bytesPerSecond: Double, reached: UInt64, secondsToBegin: Double) {
            self.bytesPerSecond = bytesPerSecond
            self.reached = reached
            self.secondsToBegin = secondsToBegin
        }
    }

    /// A range to read.
    package struct Lot: Hashable, Sendable {
        /// What it is called from now on.
        package var number: Int
        package var fetch: Fetch
        /// The memory that it takes.
        package var bufferSize: Int
        /// The range that it was the end of, if any, and where that ends now.
        package var cut: Cut?
    }

    package struct Cut: Hashable, Sendable {
        package var number: Int
        package var end: UInt64
    }

    package enum Step: Hashable, Sendable {
        case read(Lot)
        /// Nothing can be begun now.
        case wait
        /// Nothing is left to begin, now or later.
        case done
    }

    /// How much is read at once.
    package struct Width: Hashable, Sendable {
        /// Ranges, where they come as fast as anybody could wish.
        package var planned: Int
        /// Ranges, where they come slowly.
        package var most: Int
        /// Bytes of compressed frames.
        package var memory: Int

        package init(planned: Int, most: Int, memory: Int) {
            self.planned = planned
            self.most = most
            self.memory = memory
        }
    }

    /// Seconds by which a range must end sooner for a part of it to be worth a request of its own: a fast line so gets none but the
    /// planned ones.
    package static let leastGain = 0.4

    /// A range that is being read.
    private struct Reading {
        var fetch: Fetch
        /// Frames that were begun.
        var begun = 0
        var bufferSize: Int
    }

    private let width: Width
    private var planned: ArraySlice<Fetch>
    private var readings: [Int: Reading] = [:]
    private var lastNumber = 0
    private var memoryTaken = 0
    private var isFailed = false

    package init(_ fetches: [Fetch], width: Width) {
        planned = fetches[...]
        self.width = width
    }

    /// The memory that reading these frames takes.
    package static func bufferSize(for frames: [PlannedFrame]) -> Int { frames.reduce(1 << 16) { max($0, Int($1.compressedSize)) } }

    /// What a reader that has nothing to do is to read.
    ///
    /// - Parameters:
    ///   - isSharing: whether more requests than planned may be sent.
    ///   - pace: how a range comes, by its number; nil where nobody knows yet.
    package mutating func begin(isSharing: Bool, pace: (Int) -> Pace?) -> Step {
        guard !isFailed, !planned.isEmpty || !readings.isEmpty else { return .done }
        let paces = isSharing && readings.count < width.most ? readings.keys.compactMap { number in pace(number).map { (number, $0) } } : []
        if let next = planned.first {
            guard readings.count < width.planned || paces.contains(where: { isSlow($0, $1) }) else { return .wait }
            return take(next, cut: nil)
        }
        let best = paces.compactMap { number, pace in bestCut(of: number, pace) }.max { ($0.gain, $1.number) < ($1.gain, $0.number) }
        guard let best, best.gain >= Self.leastGain, let reading = readings[best.number] else { return .wait }
        let frames = Array(reading.fetch.frames[best.frame...])
        let given = Fetch(
            bundle: reading.fetch.bundle, range: frames[0].offset..<max(frames[0].offset, reading.fetch.range.upperBound), frames: frames)
        return take(given, cut: best)
    }

    /// The next frame of a range; nil where it ends, or the download is to.
    package mutating func nextFrame(of number: Int) -> PlannedFrame? {
        guard !isFailed, let reading = readings[number], reading.begun < reading.fetch.frames.count else { return nil }
        readings[number]?.begun += 1
        return reading.fetch.frames[reading.begun]
    }

    /// A range was read to its end, or is given up.
    package mutating func ended(_ number: Int) {
        memoryTaken -= readings.removeValue(forKey: number)?.bufferSize ?? 0
    }

    /// Nothing more is to be begun.
    package mutating func fail() { isFailed = true }

    private mutating func take(_ fetch: Fetch, cut: PossibleCut?) -> Step {
        let size = Self.bufferSize(for: fetch.frames)
        guard memoryTaken == 0 || memoryTaken + size <= width.memory else { return .wait }
        if let cut {
            readings[cut.number]?.fetch.frames.removeSubrange(cut.frame...)
            readings[cut.number]?.fetch.range = cut.range
        } else {
            planned.removeFirst()
        }
        memoryTaken += size
        lastNumber += 1
        readings[lastNumber] = Reading(fetch: fetch, bufferSize: size)
        let end = cut.map { Cut(number: $0.number, end: $0.range.upperBound) }
        return .read(Lot(number: lastNumber, fetch: fetch, bufferSize: size, cut: end))
    }

    // MARK: Where a range is worth cutting

    private struct PossibleCut {
        var number: Int
        /// The first frame that somebody else reads.
        var frame: Int
        /// What remains.
        var range: Range<UInt64>
        /// Seconds by which the range ends sooner.
        var gain: Double
    }

    private func isSlow(_ number: Int, _ pace: Pace) -> Bool {
        guard let reading = readings[number] else { return false }
        return seconds(from: pace.reached, to: reading.fetch.range.upperBound, pace) - pace.secondsToBegin >= Self.leastGain
    }

    /// The cut of a range after which both parts are there soonest. What came already stays with whom it came to.
    private func bestCut(of number: Int, _ pace: Pace) -> PossibleCut? {
        guard let reading = readings[number], reading.begun > 0, reading.begun < reading.fetch.frames.count else { return nil }
        let frames = reading.fetch.frames, end = reading.fetch.range.upperBound
        let cuts = (reading.begun..<frames.count).map { index in
            let keptEnd = frames[index - 1].end
            let saved = min(seconds(from: pace.reached, to: keptEnd, pace), seconds(from: frames[index].offset, to: end, pace))
            return PossibleCut(
                number: number, frame: index, range: reading.fetch.range.lowerBound..<max(keptEnd, reading.fetch.range.lowerBound),
                gain: saved - pace.secondsToBegin)
        }
        return cuts.max { $0.gain < $1.gain }
    }

    private func seconds(from begin: UInt64, to end: UInt64, _ pace: Pace) -> Double {
        begin < end ? Double(end - begin) / max(1, pace.bytesPerSecond) : 0
    }
}
