internal import ArgumentParser

/// How a command ends when it failed.
enum Failure {
    /// Tells a person or a machine what went wrong and ends the process with the matching status.
    static func exit(reporting error: any Error) -> Never {
        guard isOurs(error) else { InstarCommand.exit(withError: error) }
        let reporting = error as? any ExitStatusReporting
        let status = reporting?.exitStatus ?? .software
        // Options may not have been parsed, so what was typed decides.
        let output = Output(json: CommandLine.arguments.contains("--json"))
        output.error("\(error)", kind: reporting?.kindName ?? "\(type(of: error))", status: status)
        InstarCommand.exit(withError: ExitCode(status.rawValue))
    }

    /// ArgumentParser prints its own errors, help and version, with status 64 or 0.
    private static func isOurs(_ error: any Error) -> Bool {
        !(error is CleanExit || error is ValidationError || error is ExitCode) && InstarCommand.exitCode(for: error) == .failure
    }
}
