/// Dates as HTTP writes them: `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7).
package enum HTTPDate {
    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// The text for a time in seconds since 1970 UTC.
    package static func text(secondsSince1970 seconds: Int64) -> String {
        let days = seconds.flooredDivision(by: 86_400)
        let clock = seconds - days * 86_400
        let (year, month, day) = civil(days)
        let time = "\(pad(clock / 3600)):\(pad(clock / 60 % 60)):\(pad(clock % 60))"
        return "\(Self.days[Int(days - days.flooredDivision(by: 7) * 7)]), \(pad(day)) \(months[month - 1]) \(year) \(time) GMT"
    }

    /// Year, month and day of a day counted from 1970-01-01, in the proleptic Gregorian calendar. The algorithm is
    /// Howard Hinnant's `civil_from_days`, which counts years from March so that the leap day comes last.
    private static func civil(_ days: Int64) -> (year: Int64, month: Int, day: Int64) {
        let shifted = days + 719_468
        let era = shifted.flooredDivision(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), Int(month), dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    private static func pad(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
}

extension Int64 {
    fileprivate func flooredDivision(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
