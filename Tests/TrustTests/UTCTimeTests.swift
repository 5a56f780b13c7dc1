import InstarTrust
import Testing

@Suite struct UTCTimeTests {
    func time(_ text: String) -> UTCTime? { UTCTime(Array(text.utf8)) }

    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0), ("2000-02-29T12:34:56Z", 951_827_696), ("2038-01-19T03:14:08Z", 2_147_483_648),
        ("1969-12-31T23:59:59Z", -1),
        ("0001-01-01T00:00:00Z", -62_135_596_800), ("9999-12-31T23:59:59Z", 253_402_300_799),
    ]) func `dates are read and written`(text: String, seconds: Int64) {
        #expect(time(text) == UTCTime(secondsSince1970: seconds))
        #expect(UTCTime(secondsSince1970: seconds).description == text)
    }

    @Test(arguments: [
        "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-04-31T00:00:00Z",
        "2026-01-00T00:00:00Z",
        "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z", "2026-01-01T00:00:00", "2026-01-01T00:00:00z",
        "2026-01-01 00:00:00Z",
        "2026-01-01T00:00:00.0Z", "2026-01-01T00:00:00+00:00", "26-01-01T00:00:00Z", "0000-01-01T00:00:00Z", "", "२०२६-01-01T00:00:00Z",
    ]) func `what is no real date of that form is refused`(text: String) {
        #expect(time(text) == nil)
    }

    @Test func `every day of four hundred years is its own`() {
        var day = UTCTime(secondsSince1970: 0)
        for _ in 0..<146_097 {
            guard UTCTime(Array(day.description.utf8)) == day else { Issue.record("\(day)"); return }
            day = day.advanced(days: 1)
        }
        #expect(day.description == "2370-01-01T00:00:00Z")
    }

    @Test func `the most extreme times can be printed`() {
        #expect(UTCTime(secondsSince1970: .max).description.hasPrefix("292277026596-12-04T"))
        #expect(UTCTime(secondsSince1970: .min).description.hasSuffix("Z"))
    }

    @Test func `the far future does not overflow`() {
        #expect(UTCTime(secondsSince1970: .max).advanced(days: 1) == UTCTime(secondsSince1970: .max))
    }
}
