#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif
import Synchronization
package import SystemPackage

/// A real process that a test started. It is killed, by its own identifier, when the value goes.
package final class ChildProcess: Sendable {
    /// How a process ended.
    package enum Ending: Hashable, Sendable {
        case exit(Int32)
        case signal(Int32)
    }

    package let identifier: Int32
    private let ending = Mutex<Ending?>(nil)

    /// Starts `program`, looked for in `PATH`, with standard output and error going to the given files (or nowhere).
    package init(
        _ program: String, _ arguments: [String], environment: [String: String] = [:], output: FilePath? = nil, errors: FilePath? = nil
    ) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output?.string ?? "/dev/null", O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        if let errors, errors == output {
            posix_spawn_file_actions_adddup2(&actions, 1, 2)
        } else {
            posix_spawn_file_actions_addopen(&actions, 2, errors?.string ?? "/dev/null", O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        }
        // Signals as at a terminal, whatever the test runner ignores or holds back.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t(), all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
        var settings = Self.environment(environment).map { strdup($0) } + [nil]
        defer { for word in words + settings { free(word) } }
        var identifier = pid_t()
        let status = posix_spawnp(&identifier, program, &actions, &attributes, &words, &settings)
        guard status == 0 else { throw Errno(rawValue: status) }
        self.identifier = identifier
    }

    deinit {
        guard ending.withLock({ $0 == nil }) else { return }
        kill(identifier, SIGKILL)
        wait()
    }

    package func signal(_ number: Int32) {
        ending.withLock { if $0 == nil { kill(identifier, number) } }
    }

    /// Blocks until the process ended.
    @discardableResult
    package func wait() -> Ending {
        var status: Int32 = 0
        if let known = ending.withLock({ $0 }) { return known }
        while waitpid(identifier, &status, 0) < 0, errno == EINTR {}
        let outcome: Ending = status & 0x7F == 0 ? .exit((status >> 8) & 0xFF) : .signal(status & 0x7F)
        ending.withLock { $0 = outcome }
        return outcome
    }

    /// Runs a program to its end.
    @discardableResult
    package static func run(_ program: String, _ arguments: [String], environment: [String: String] = [:], output: FilePath? = nil) throws
        -> Ending
    {
        try ChildProcess(program, arguments, environment: environment, output: output, errors: output).wait()
    }

    private static func environment(_ changes: [String: String]) -> [String] {
        var variables: [String: String] = [:]
        var entry = environ
        while let text = entry.pointee {
            let parts = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { variables[String(parts[0])] = String(parts[1]) }
            entry += 1
        }
        for (name, value) in changes { variables[name] = value }
        return variables.map { "\($0.key)=\($0.value)" }
    }
}
