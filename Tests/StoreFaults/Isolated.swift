internal import CFaults
internal import SystemPackage
#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Runs something in a process of its own: a copy of this one, which costs less than a millisecond. This program has one thread.
enum Isolated {
    enum Ending: Hashable {
        case exit(Int32)
        case signal(Int32)
    }

    /// What became of it: how it ended, what it said of an error, and the calls that were counted where it did not die.
    struct Outcome {
        var ending: Ending
        var message: String
        var calls: Int
    }

    /// Runs `body` with the fault; `record` gets its changes.
    static func run(
        _ fault: Fault? = nil, refusingLinks: Bool = false, record: FileDescriptor? = nil, _ body: () throws -> Void
    ) throws -> Outcome {
        let words = try FileDescriptor.pipe()
        let child = instar_fault_fork()
        guard child >= 0 else { throw Errno(rawValue: errno) }
        if child == 0 {
            FreshThread.run {
                if let record { instar_fault_record(record.rawValue) }
                var status: Int32 = 0
                var message = ""
                if let fault { instar_fault_arm(fault.order(refusingLinks: refusingLinks)) }
                do { try body() } catch {
                    status = 1
                    message = "\(error)"
                }
                let calls = instar_fault_disarm()
                instar_fault_record(-1)
                _ = try? words.writeEnd.writeAll(Array("\(calls) \(message)".utf8))
                _exit(status)
            }
        }
        try words.writeEnd.close()
        let text = readAll(words.readEnd)
        try words.readEnd.close()
        let parts = text.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        return Outcome(
            ending: ending(of: child), message: parts.count > 1 ? String(parts[1]) : "", calls: parts.first.flatMap { Int($0) } ?? 0)
    }

    /// Waits until a child has ended.
    static func ending(of child: pid_t) -> Ending {
        var status: Int32 = 0
        while unsafe waitpid(child, &status, 0) < 0, errno == EINTR {}
        return status & 0x7F == 0 ? .exit((status >> 8) & 0xFF) : .signal(status & 0x7F)
    }

    private static func readAll(_ descriptor: FileDescriptor) -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while let count = unsafe try? buffer.withUnsafeMutableBytes({ unsafe try descriptor.read(into: $0) }), count > 0 {
            bytes += buffer[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
