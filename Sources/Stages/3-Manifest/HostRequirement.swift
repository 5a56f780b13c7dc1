/// A version that the host must have to run a release, or to follow a channel: `minimum <= version < below`.
package struct HostRequirement: Hashable, Sendable {
    /// `instar`, `python`, or any name for which the host gives a version, such as `engine`.
    package var subject: String
    /// Empty: none.
    package var minimum: String
    /// Empty: none.
    package var below: String

    package init(subject: String, minimum: String = "", below: String = "") {
        self.subject = subject
        self.minimum = minimum
        self.below = below
    }

    /// Whether a host with these versions meets it; a host that does not know the subject does not.
    package func isMet(by versions: [String: String]) -> Bool {
        guard let version = versions[subject] else { return false }
        if !minimum.isEmpty, HostRequirement.compare(version, minimum) < 0 { return false }
        if !below.isEmpty, HostRequirement.compare(version, below) >= 0 { return false }
        return true
    }

    /// Compares dotted versions part by part: numbers as numbers, all else as text, a missing part as 0.
    ///
    /// - Returns: negative where `left` is the earlier one, 0 where they are the same, else positive.
    static func compare(_ left: String, _ right: String) -> Int {
        let left = left.split(separator: "."), right = right.split(separator: ".")
        for index in 0..<max(left.count, right.count) {
            let (a, b) = (index < left.count ? left[index] : "0", index < right.count ? right[index] : "0")
            if let a = UInt64(a), let b = UInt64(b) {
                if a != b { return a < b ? -1 : 1 }
            } else if a != b {
                return a < b ? -1 : 1
            }
        }
        return 0
    }
}

extension HostRequirement: CustomStringConvertible {
    package var description: String {
        [subject, minimum.isEmpty ? "" : ">= \(minimum)", below.isEmpty ? "" : "< \(below)"].filter { !$0.isEmpty }.joined(separator: " ")
    }
}
