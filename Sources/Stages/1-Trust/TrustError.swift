/// Why metadata or a target is not trusted. The repository, or somebody on the way, is at fault; the game that
/// is installed is not touched by it.
public struct TrustError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What a program tells apart.
    public enum Reason: Hashable, Sendable {
        /// It is not the metadata that it should be: damaged, of another type, or of another specification.
        case malformed
        /// Too few of the role's keys signed it.
        case unsigned
        /// It is older than what was already trusted.
        case rollback
        /// Its version is not the one that was asked for or listed.
        case wrongVersion
        /// Its length or digest is not the one that was listed.
        case mismatch
        /// It expired at the given time; see `now` for the time that it was compared with.
        case expired(at: UTCTime, now: UTCTime)
        /// It is larger than its limit.
        case tooLarge
        /// Nothing signed lists it.
        case notListed
        /// A search visited as many roles as it may without an answer.
        case tooManyRoles
    }

    public var reason: Reason
    /// What it is about: a role such as `timestamp`, or a target's path.
    public var subject: String
    /// What was wrong, in words.
    public var detail: String

    package init(_ reason: Reason, _ subject: String, _ detail: String) {
        self.reason = reason
        self.subject = subject
        self.detail = detail
    }

    package init(_ reason: Reason, _ subject: ByteText, _ detail: String) {
        self.init(reason, subject.printable, detail)
    }

    public var description: String { "\(subject) is not trusted: \(detail)" }
}

extension ByteText {
    /// The text for a message: control characters, which could steer a terminal, become `\u{…}`, and a long
    /// name is cut.
    package var printable: String {
        var output = ""
        for scalar in description.unicodeScalars.prefix(200) {
            output +=
                scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format
                ? scalar.escaped(asASCII: true) : String(scalar)
        }
        return output
    }
}
