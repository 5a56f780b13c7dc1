/// The command line, taken apart.
struct Arguments {
    enum Command: Equatable {
        case initialize(root: String)
        case refresh
        case download
    }

    struct Refused: Error, CustomStringConvertible {
        var description: String
    }

    private(set) var command: Command
    private(set) var metadataFolder = ""
    private(set) var metadataURL: String?
    private(set) var targetNames: [String] = []
    private(set) var targetBaseURL: String?
    private(set) var targetFolder: String?
    /// A fixed time, in seconds since 1970, in place of the system's.
    private(set) var now: Int64?

    init(_ words: some Sequence<String>) throws {
        var words = Array(words)[...]
        var command: Command?
        var metadataFolder: String?
        while let word = words.popFirst() {
            switch word {
            case "init": command = .initialize(root: try Arguments.value(&words, of: "init"))
            case "refresh": command = .refresh
            case "download": command = .download
            default:
                let value = try Arguments.value(&words, of: word)
                switch word {
                case "--metadata-dir": metadataFolder = value
                case "--metadata-url": metadataURL = value
                case "--target-name": targetNames.append(value)
                case "--target-base-url": targetBaseURL = value
                case "--target-dir": targetFolder = value
                case "--now":
                    guard let seconds = Int64(value) else { throw Refused(description: "--now needs seconds since 1970, not \(value)") }
                    now = seconds
                default: throw Refused(description: "there is no option \(word)")
                }
            }
        }
        guard let command else { throw Refused(description: "say init, refresh or download") }
        guard let metadataFolder else { throw Refused(description: "--metadata-dir is missing") }
        (self.command, self.metadataFolder) = (command, metadataFolder)
    }

    /// An option that the command cannot do without.
    static func require<Value>(_ value: Value?, _ option: String) throws -> Value {
        guard let value else { throw Refused(description: "\(option) is missing") }
        return value
    }

    private static func value(_ words: inout ArraySlice<String>, of option: String) throws -> String {
        try require(words.popFirst(), "the value of \(option)")
    }
}
