import Instar
import Testing

@Suite struct CheckScheduleTests {
    let schedule = CheckSchedule(interval: .seconds(100), jitter: 0.2, longestWait: .seconds(1000))

    @Test func `waits differ between clients by the jitter and no more`() {
        #expect(schedule.wait(afterFailures: 0, chance: 0) == .seconds(80))
        #expect(schedule.wait(afterFailures: 0, chance: 0.5) == .seconds(100))
        #expect(schedule.wait(afterFailures: 0, chance: 1) == .seconds(120))
    }

    @Test(arguments: [(1, 200), (2, 400), (3, 800), (4, 1000), (60, 1000)])
    func `each failure doubles the wait up to the longest one`(failures: Int, seconds: Int) {
        #expect(schedule.wait(afterFailures: failures, chance: 0.5) == .seconds(seconds))
    }

    @Test func `a schedule that would hammer the server is slowed down`() {
        #expect(CheckSchedule(interval: .zero, jitter: 9).wait(afterFailures: 0, chance: 0) >= .zero)
        #expect(CheckSchedule(interval: .zero).interval == .milliseconds(100))
    }

    @Test func `a longest wait below the interval does not shorten it`() {
        let odd = CheckSchedule(interval: .seconds(100), jitter: 0, longestWait: .seconds(1))
        #expect(odd.wait(afterFailures: 3, chance: 0.5) == .seconds(100))
    }
}
