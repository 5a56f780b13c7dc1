import FoundationEssentials
import InstarTransfer
import Testing

@Suite struct MirrorScoresTests {
    private let mirrors = ["https://a/", "https://b/", "https://c/"]

    @Test func `mirrors of which nothing is known keep their order`() {
        #expect(MirrorScores().order(of: mirrors, turn: 0, now: 0) == [0, 1, 2])
    }

    @Test func `a failure moves a mirror behind the others`() {
        var scores = MirrorScores()
        scores.failed("https://a/", weight: 1, now: 1000)
        #expect(scores.order(of: mirrors, turn: 0, now: 1000) == [1, 2, 0])
    }

    @Test func `graver faults weigh more`() {
        var scores = MirrorScores()
        scores.failed("https://a/", weight: TransferFault.rejected.penalty, now: 0)
        scores.failed("https://b/", weight: TransferFault.status(404).penalty, now: 0)
        #expect(scores.order(of: mirrors, turn: 0, now: 0) == [2, 1, 0])
    }

    @Test func `half of a penalty is forgotten in each half-life`() {
        var scores = MirrorScores()
        scores.failed("https://a/", weight: 8, now: 0)
        for (lives, left) in [(0.0, 8.0), (1, 4), (2, 2), (3, 1), (40, 0)] {
            #expect(abs(scores.penalty(of: "https://a/", now: lives * MirrorScores.halfLife) - left) < 1e-4)
        }
    }

    @Test func `a clock that was set back changes nothing`() {
        var scores = MirrorScores()
        scores.failed("https://a/", weight: 1, now: 1_000_000)
        #expect(scores.penalty(of: "https://a/", now: 0) == 1)
    }

    @Test func `a much slower mirror comes behind a fast one`() {
        var scores = MirrorScores()
        scores.delivered("https://a/", bytes: 1_000_000, seconds: 10, now: 0)
        scores.delivered("https://b/", bytes: 1_000_000, seconds: 1, now: 0)
        #expect(scores.order(of: mirrors, turn: 0, now: 0).first == 1)
    }

    @Test func `answers too short to measure a line are not counted`() {
        var scores = MirrorScores()
        scores.delivered("https://a/", bytes: 100, seconds: 1, now: 0)
        #expect(scores.scores["https://a/"] == nil)
    }

    @Test func `now and then the least known mirror gets a chance, unless it failed lately`() {
        var scores = MirrorScores()
        scores.delivered("https://a/", bytes: 1_000_000, seconds: 1, now: 100)
        scores.delivered("https://b/", bytes: 1_000_000, seconds: 3, now: 100)
        let turns = (0..<MirrorScores.explorationInterval * 2).map { scores.order(of: mirrors, turn: $0, now: 100)[0] }
        #expect(turns.filter { $0 == 2 }.count == 2)
        #expect(turns.filter { $0 == 0 }.count == turns.count - 2)
        scores.failed("https://c/", weight: 1, now: 100)
        scores.failed("https://b/", weight: 1, now: 100)
        #expect((0..<16).allSatisfy { scores.order(of: mirrors, turn: $0, now: 100)[0] == 0 })
    }

    @Test func `scores survive being written and read`() throws {
        var scores = MirrorScores()
        scores.failed("https://a/", weight: 2, now: 5)
        scores.delivered("https://b/", bytes: 1 << 20, seconds: 0.5, now: 6)
        let read = try JSONDecoder().decode(MirrorScores.self, from: JSONEncoder().encode(scores))
        #expect(read == scores)
    }

    @Test func `only so many mirrors are remembered, the latest ones`() {
        var scores = MirrorScores()
        for index in 0..<200 { scores.failed("https://\(index)/", weight: 1, now: Double(index)) }
        #expect(scores.scores.count == MirrorScores.capacity)
        #expect(scores.scores["https://199/"] != nil)
        #expect(scores.scores["https://0/"] == nil)
    }
}
