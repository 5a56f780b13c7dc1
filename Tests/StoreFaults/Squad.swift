internal import CFaults
internal import SystemPackage
#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Several copies of this process that share the cases of a matrix and report each.
struct Squad {
    /// What became of one case.
    struct Report {
        let row: Int
        let index: Int
        /// What was broken; nil: nothing.
        let loss: String?
    }

    let matrix: Matrix
    let jobs: Int

    /// Tries every case; calls `each` with the reports as they come. Answers false where a copy ended before its work did.
    func run(_ each: (Report) -> Void) throws -> Bool {
        let reports = try FileDescriptor.pipe()
        var children: [pid_t] = []
        for job in 0..<jobs {
            let child = instar_fault_fork()
            guard child >= 0 else { throw Errno(rawValue: errno) }
            if child == 0 {
                try? reports.readEnd.close()
                FreshThread.run { work(job, reports.writeEnd) }
                _exit(0)
            }
            children.append(child)
        }
        try reports.writeEnd.close()
        read(reports.readEnd, each)
        try reports.readEnd.close()
        return children.map { Isolated.ending(of: $0) }.allSatisfy { $0 == .exit(0) }
    }

    /// One copy's share, case by case.
    private func work(_ job: Int, _ reports: FileDescriptor) {
        var number = 0
        for (row, content) in matrix.rows.enumerated() {
            for (index, wanted) in content.cases.enumerated() {
                defer { number += 1 }
                guard number % jobs == job else { continue }
                var loss = ""
                do { try matrix.run(content, wanted) } catch { loss = "\(error)" }
                // Short enough to be written in one piece, so that two copies' lines do not mix.
                let line = "\(row) \(index) \(loss.prefix(3000).split(separator: "\n").joined(separator: " "))".utf8.prefix(3900) + [10]
                guard (try? reports.writeAll(Array(line))) != nil else { _exit(1) }
            }
        }
    }

    private func read(_ source: FileDescriptor, _ each: (Report) -> Void) {
        var rest: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while let count = unsafe try? buffer.withUnsafeMutableBytes({ unsafe try source.read(into: $0) }), count > 0 {
            rest += buffer[..<count]
            guard let end = rest.lastIndex(of: 10) else { continue }
            for line in rest[..<end].split(separator: 10) {
                let words = String(decoding: line, as: UTF8.self).split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
                guard words.count == 3, let row = Int(words[0]), let index = Int(words[1]) else { continue }
                each(Report(row: row, index: index, loss: words[2].isEmpty ? nil : String(words[2])))
            }
            rest.removeSubrange(...end)
        }
    }
}
