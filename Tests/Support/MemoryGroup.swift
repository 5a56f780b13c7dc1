import Foundation
package import SystemPackage

/// A control group of the kernel's with little memory, gone with the value: what takes more in it is killed.
package final class MemoryGroup: Sendable {
    package let path: FilePath
    private let killCount: FilePath

    /// Nil where this process may make none.
    package init?(megabytes: Int) {
        let name = "instar-test-\(UInt64.random(in: .min ... .max))"
        let bytes = "\(megabytes << 20)"
        let first = FilePath("/sys/fs/cgroup/memory").appending(name)
        let second = FilePath("/sys/fs/cgroup").appending(name)
        if mkdir(first.string, 0o755) == 0 {
            path = first
            killCount = path.appending("memory.oom_control")
            guard Self.set(path.appending("memory.limit_in_bytes"), bytes) else { return nil }
        } else if mkdir(second.string, 0o755) == 0 {
            path = second
            killCount = path.appending("memory.events")
            guard Self.set(path.appending("memory.max"), bytes) else { return nil }
            _ = Self.set(path.appending("memory.swap.max"), "0")
        } else {
            return nil
        }
    }

    deinit { rmdir(path.string) }

    /// Processes of the group that the kernel has killed for lack of memory.
    package var kills: Int {
        let text = (try? String(contentsOfFile: killCount.string, encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("oom_kill ") }
        return line.flatMap { Int($0.dropFirst("oom_kill ".count)) } ?? 0
    }

    /// Runs a program in the group, to its end.
    package func run(_ program: String, _ arguments: [String]) throws -> ChildProcess.Ending {
        // A shell joins the group first; where it may not, the program does not run.
        let script = "echo $$ > '\(path)/cgroup.procs' && exec \"$0\" \"$@\""
        return try ChildProcess.run("sh", ["-c", script, program] + arguments)
    }

    private static func set(_ file: FilePath, _ text: String) -> Bool {
        (try? Data(text.utf8).write(to: URL(fileURLWithPath: file.string))) != nil
    }
}
