import Foundation
package import SystemPackage

/// The built `instar`, run as a person or a script runs it.
package struct InstarCommand: Sendable {
    /// What a finished command said.
    package struct Result: Sendable {
        package var ending: ChildProcess.Ending
        package var output: String
        package var errors: String
        /// The exit status; -1 where a signal ended it.
        package var status: Int32 { if case .exit(let status) = ending { status } else { -1 } }
        /// Standard output as one JSON object a line.
        package var lines: [JSONLine] { JSONLine.lines(of: output) }
        /// The last JSON line.
        package var last: JSONLine { lines.last ?? JSONLine([:]) }
    }

    /// Runs a command to its end, with `--json` behind it unless a person's view is wanted.
    package static func run(_ arguments: [String], environment: [String: String] = [:], json: Bool = true) throws -> Result {
        let folder = TemporaryFolder()
        let (output, errors) = (folder.path.appending("output"), folder.path.appending("errors"))
        let process = try ChildProcess(
            Products.path("instar").string, arguments + (json ? ["--json"] : []), environment: environment, output: output, errors: errors)
        return try result(of: process, output: output, errors: errors)
    }

    /// Waits for a started command; the files are those that it writes to.
    package static func result(of process: ChildProcess, output: FilePath, errors: FilePath) throws -> Result {
        let ending = process.wait()
        return Result(ending: ending, output: try text(output), errors: try text(errors))
    }

    /// As `run`; also answers the largest resident set of the command, in bytes.
    ///
    /// A child begins with its parent's peak on Linux, and a test runner is large, so a small program stands between.
    package static func runMeasured(_ arguments: [String]) throws -> (result: Result, peakMemory: Int) {
        let folder = TemporaryFolder()
        let (output, errors) = (folder.path.appending("output"), folder.path.appending("errors"))
        let measure = """
            import resource, subprocess, sys
            status = subprocess.run(sys.argv[2:]).returncode
            open(sys.argv[1], "w").write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024))
            sys.exit(status)
            """
        let peak = folder.path.appending("peak")
        let command = [Products.path("instar").string] + arguments + ["--json"]
        let ending = try ChildProcess("python3", ["-c", measure, peak.string] + command, output: output, errors: errors).wait()
        return (Result(ending: ending, output: try text(output), errors: try text(errors)), Int(try text(peak)) ?? .max)
    }

    /// Starts a command that goes on beside the test.
    package static func start(_ arguments: [String], environment: [String: String] = [:], output: FilePath, errors: FilePath) throws
        -> ChildProcess
    {
        try ChildProcess(Products.path("instar").string, arguments, environment: environment, output: output, errors: errors)
    }

    private static func text(_ file: FilePath) throws -> String { try String(contentsOfFile: file.string, encoding: .utf8) }
}

/// One JSON object of a command's output, read member by member.
package struct JSONLine: @unchecked Sendable {
    // `@unchecked Sendable`: what JSONSerialization made is never changed.
    private let members: [String: Any]

    package init(_ members: [String: Any]) { self.members = members }

    package static func lines(of text: String) -> [JSONLine] {
        text.split(separator: "\n").compactMap { line in
            ((try? JSONSerialization.jsonObject(with: Data(line.utf8))) as? [String: Any]).map { JSONLine($0) }
        }
    }

    package func string(_ name: String) -> String? { members[name] as? String }
    package func number(_ name: String) -> Int? { (members[name] as? NSNumber)?.intValue }
    package func double(_ name: String) -> Double? { (members[name] as? NSNumber)?.doubleValue }
    package func bool(_ name: String) -> Bool? { (members[name] as? NSNumber)?.boolValue }
    package func object(_ name: String) -> JSONLine? { (members[name] as? [String: Any]).map { JSONLine($0) } }
    package func array(_ name: String) -> [JSONLine] { (members[name] as? [[String: Any]] ?? []).map { JSONLine($0) } }
    package func strings(_ name: String) -> [String] { members[name] as? [String] ?? [] }
    package func has(_ name: String) -> Bool { members[name] != nil && !(members[name] is NSNull) }
}
