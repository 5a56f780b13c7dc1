internal import ArgumentParser
internal import InstarHosting

/// What commands print; what they read of configurations is another type of that name.
typealias JSON = InstarHosting.JSON

/// The options of every command that say how it talks.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Print one JSON object a line on standard output, for machines.")
    var json = false

    @Flag(name: .shortAndLong, help: "Print nothing for people but errors.")
    var quiet = false

    var output: Output { Output(json: json, quiet: quiet) }
}

/// Where a command's words go: JSON lines on standard output for machines, text on standard error for people.
///
/// What a person asked to see (a table, a status) is the command's result and goes to standard output.
struct Output: Sendable {
    var json: Bool
    var quiet = false

    /// Something happened. Machines read `{"event": name, …}`; people see nothing of it.
    func event(_ name: String, _ members: [(String, JSON)] = []) {
        if json { Terminal.writeOut(JSON.object([("event", .string(name))] + members).description + "\n") }
    }

    /// The last line for machines, and what it comes to for a person.
    func done(_ members: [(String, JSON)] = [], _ sentence: String? = nil) {
        event("done", members)
        if let sentence { say(sentence) }
    }

    /// One object without an event, for commands whose whole answer is one object, such as `status`.
    func object(_ members: [(String, JSON)]) {
        if json { Terminal.writeOut(JSON.object(members).description + "\n") }
    }

    /// A line for people about what is going on.
    func say(_ line: String) {
        if !json && !quiet { Terminal.writeError(line + "\n") }
    }

    /// A line that is the command's result for people.
    func result(_ line: String) {
        if !json { Terminal.writeOut(line + "\n") }
    }

    func warn(_ line: String) {
        event("warning", [("message", .string(line))])
        if !json { Terminal.writeError(Terminal.coloured("warning: ", .yellow) + line + "\n") }
    }

    func error(_ message: String, kind: String, status: ExitStatus) {
        event("error", [("kind", .string(kind)), ("message", .string(message)), ("status", JSON(status.rawValue))])
        if !json { Terminal.writeError(Terminal.coloured("instar: ", .red) + message + "\n") }
    }
}
