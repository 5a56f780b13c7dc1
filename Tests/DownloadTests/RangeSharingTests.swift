import InstarCryptography
import InstarDownload
import InstarPlan
import Testing

@Suite struct RangeSharingTests {
    private let bundle = Digest(of: [1])
    private let width = RangeSharing.Width(planned: 2, most: 4, memory: 8 << 20)

    /// A range of frames of 100,000 bytes each, from that frame of the bundle on.
    private func fetch(_ first: Int, frames: Int, size: UInt32 = 100_000) -> Fetch {
        let planned = (first..<first + frames).map { index in
            PlannedFrame(offset: UInt64(index) * UInt64(size), compressedSize: size, plainSize: size, pieces: index..<index + 1)
        }
        return Fetch(bundle: bundle, range: planned[0].offset..<planned[frames - 1].offset + UInt64(size), frames: planned)
    }

    private func pace(_ bytesPerSecond: Double, reached: UInt64, secondsToBegin: Double = 0.1) -> RangeSharing.Pace {
        RangeSharing.Pace(bytesPerSecond: bytesPerSecond, reached: reached, secondsToBegin: secondsToBegin)
    }

    private func lot(_ step: RangeSharing.Step) throws -> RangeSharing.Lot {
        guard case .read(let lot) = step else {
            Issue.record("nothing is to be read: \(step)")
            throw CancellationError()
        }
        return lot
    }

    @Test func `planned ranges are read in order, no more at once than planned`() throws {
        var sharing = RangeSharing([fetch(0, frames: 1), fetch(1, frames: 1), fetch(2, frames: 1)], width: width)
        #expect(try lot(sharing.begin(isSharing: true) { _ in nil }).fetch == fetch(0, frames: 1))
        let second = try lot(sharing.begin(isSharing: true) { _ in nil })
        #expect(second.fetch == fetch(1, frames: 1))
        #expect(sharing.begin(isSharing: true) { _ in nil } == .wait)
        sharing.ended(second.number)
        let third = try lot(sharing.begin(isSharing: true) { _ in nil })
        #expect(third.fetch == fetch(2, frames: 1) && third.cut == nil)
        sharing.ended(third.number)
        #expect(sharing.begin(isSharing: true) { _ in nil } == .wait)
        sharing.ended(1)
        #expect(sharing.begin(isSharing: true) { _ in nil } == .done)
    }

    @Test func `what nobody reads yet is begun before ranges are shared, where these come slowly`() throws {
        var sharing = RangeSharing((0..<4).map { fetch($0 * 10, frames: 10) }, width: width)
        for _ in 0..<2 { _ = try lot(sharing.begin(isSharing: true) { _ in nil }) }
        #expect(sharing.begin(isSharing: true) { _ in pace(50_000_000, reached: 0) } == .wait)
        #expect(sharing.begin(isSharing: false) { _ in pace(1000, reached: 0) } == .wait)
        let third = try lot(sharing.begin(isSharing: true) { _ in pace(100_000, reached: 0) })
        #expect(third.fetch == fetch(20, frames: 10) && third.cut == nil)
    }

    @Test func `the later half of a slow range is read by another, each frame once`() throws {
        var sharing = RangeSharing([fetch(0, frames: 9)], width: width)
        let whole = try lot(sharing.begin(isSharing: true) { _ in nil })
        #expect(sharing.nextFrame(of: whole.number)?.offset == 0)
        let part = try lot(sharing.begin(isSharing: true) { _ in pace(100_000, reached: 50_000) })
        #expect(part.cut?.number == whole.number && part.cut?.end == part.fetch.range.lowerBound)
        #expect(part.fetch == fetch(5, frames: 4))
        var read: [UInt64] = [0]
        for number in [whole.number, part.number] {
            while let frame = sharing.nextFrame(of: number) { read.append(frame.offset) }
            sharing.ended(number)
        }
        #expect(read == (0..<9).map { $0 * 100_000 })
        #expect(sharing.begin(isSharing: true) { _ in nil } == .done)
    }

    @Test func `the range that gains most is shared first, and no more at once than there may be`() throws {
        var sharing = RangeSharing([fetch(0, frames: 10), fetch(10, frames: 10)], width: width)
        let lots = try (0..<2).map { _ in try lot(sharing.begin(isSharing: true) { _ in nil }) }
        for lot in lots { _ = sharing.nextFrame(of: lot.number) }
        let paces = [lots[0].number: pace(200_000, reached: 0), lots[1].number: pace(100_000, reached: 1_000_000)]
        #expect(try lot(sharing.begin(isSharing: true) { paces[$0] }).cut?.number == lots[1].number)
        #expect(try lot(sharing.begin(isSharing: true) { paces[$0] }).cut?.number == lots[0].number)
        #expect(sharing.begin(isSharing: true) { paces[$0] } == .wait)
    }

    @Test(arguments: [
        RangeSharing.Pace(bytesPerSecond: 10_000_000, reached: 100_000, secondsToBegin: 0),
        RangeSharing.Pace(bytesPerSecond: 100_000, reached: 900_000, secondsToBegin: 0),
        RangeSharing.Pace(bytesPerSecond: 100_000, reached: 100_000, secondsToBegin: 60),
    ])
    func `nothing is shared that comes fast, has come, or would be begun too late`(pace: RangeSharing.Pace) throws {
        var sharing = RangeSharing([fetch(0, frames: 9)], width: width)
        let whole = try lot(sharing.begin(isSharing: true) { _ in nil })
        _ = sharing.nextFrame(of: whole.number)
        #expect(sharing.begin(isSharing: true) { _ in pace } == .wait)
    }

    @Test func `a frame that has come or was begun stays with its reader`() throws {
        var sharing = RangeSharing([fetch(0, frames: 4)], width: width)
        let whole = try lot(sharing.begin(isSharing: true) { _ in nil })
        _ = sharing.nextFrame(of: whole.number)
        let part = try lot(sharing.begin(isSharing: true) { _ in pace(1000, reached: 250_000) })
        #expect(part.fetch == fetch(3, frames: 1))
        var single = RangeSharing([fetch(0, frames: 1)], width: width)
        _ = single.nextFrame(of: try lot(single.begin(isSharing: true) { _ in nil }).number)
        #expect(single.begin(isSharing: true) { _ in pace(1000, reached: 0) } == .wait)
    }

    @Test func `no more is begun than there is memory for, but one range always`() throws {
        let tight = RangeSharing.Width(planned: 2, most: 4, memory: 150_000)
        var sharing = RangeSharing([fetch(0, frames: 6), fetch(1, frames: 2, size: 1_000_000)], width: tight)
        let first = try lot(sharing.begin(isSharing: true) { _ in nil })
        #expect(first.bufferSize == 100_000)
        #expect(sharing.begin(isSharing: true) { _ in nil } == .wait)
        _ = sharing.nextFrame(of: first.number)
        #expect(sharing.begin(isSharing: true) { _ in pace(1000, reached: 0) } == .wait)
        sharing.ended(first.number)
        #expect(try lot(sharing.begin(isSharing: true) { _ in nil }).bufferSize == 1_000_000)
    }

    @Test func `after a failure nothing more is begun, not even a frame`() throws {
        var sharing = RangeSharing([fetch(0, frames: 6), fetch(6, frames: 6)], width: width)
        let first = try lot(sharing.begin(isSharing: true) { _ in nil })
        sharing.fail()
        #expect(sharing.nextFrame(of: first.number) == nil)
        #expect(sharing.begin(isSharing: true) { _ in nil } == .done)
    }
}
