/// A path that no release may contain, and which rule it breaks.
public struct PathError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The rules of a release path; each protects some platform, or the player from a hostile publisher.
    public enum Reason: Hashable, Sendable {
        /// No characters at all.
        case empty
        /// Begins with `/`, or with a drive letter such as `C:`.
        case absolute
        /// `a//b` or a trailing `/`.
        case emptyPart
        /// `.` or `..`, which would lead out of the release.
        case dotPart
        /// Separates folders on Windows.
        case backslash
        /// U+0000 to U+001F, U+007F to U+009F: terminals and shells obey them.
        case controlCharacter
        /// One of `< > : " | ? *`, which Windows cannot store.
        case reservedCharacter(Character)
        /// `CON`, `NUL`, `COM1` …, with or without an extension: devices on Windows.
        case reservedName(String)
        /// Windows drops a dot or a space at the end of a name, so that two names would be one.
        case trailingDotOrSpace
        /// Some file systems rewrite it, so that the name read back is another one.
        case notNFC
        /// Longer than `ReleasePath.maximumBytes`, or a part longer than `ReleasePath.maximumPartBytes`.
        case tooLong
        /// Bytes that are no text.
        case notText
        /// The same name in another case: one file where case is ignored.
        case sameIgnoringCase(as: String)
        /// A file where another path needs a folder.
        case fileAndFolder(at: String)
        /// The same path twice.
        case duplicate
        /// A link to an absolute path or out of the release.
        case linkLeavesRelease(target: String)
    }

    public var path: String
    public var reason: Reason

    public init(path: String, reason: Reason) {
        self.path = path
        self.reason = reason
    }

    public var description: String { "the path \"\(path.printable)\" cannot be in a release: \(reason.explanation)" }
}

extension PathError.Reason {
    /// What is wrong and, where it is not plain, what to do.
    var explanation: String {
        switch self {
        case .empty: "it is empty"
        case .absolute: "it is absolute; paths are relative to the release"
        case .emptyPart: "it has an empty part between two slashes or at its end"
        case .dotPart: "it has a \".\" or \"..\" part"
        case .backslash: "it has a backslash; folders are separated by \"/\""
        case .controlCharacter: "it has a control character"
        case .reservedCharacter(let character): "\"\(character)\" cannot be in a file name on Windows; rename it"
        case .reservedName(let name): "\"\(name)\" is a device on Windows; rename it"
        case .trailingDotOrSpace: "a part ends in a dot or a space, which Windows drops; rename it"
        case .notNFC: "it is not in Unicode normalization form C; rename it in that form"
        case .tooLong:
            "it is longer than \(ReleasePath.maximumBytes) bytes, or a part of it longer than \(ReleasePath.maximumPartBytes)"
        case .notText: "its bytes are not UTF-8 text"
        case .sameIgnoringCase(let other): "where case is ignored it is the same as \"\(other.printable)\"; rename one"
        case .fileAndFolder(let other): "\"\(other.printable)\" would be a file and a folder"
        case .duplicate: "it occurs twice"
        case .linkLeavesRelease(let target): "it is a link to \"\(target.printable)\", outside the release"
        }
    }
}

extension String {
    /// The text with control characters made visible, so that a hostile name cannot steer a terminal.
    var printable: String {
        var result = String.UnicodeScalarView()
        for scalar in unicodeScalars.prefix(300) {
            if scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format {
                result.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
            } else {
                result.append(scalar)
            }
        }
        return String(result)
    }
}
