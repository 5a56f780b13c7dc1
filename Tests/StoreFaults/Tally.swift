#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

internal import SystemPackage

/// Writes a line at once: nothing is left in a buffer that a copy of this process would write again.
func say(_ line: String, to target: FileDescriptor = .standardOutput, ending: String = "\n") {
    _ = try? target.writeAll(Array((line + ending).utf8))
}

/// Counts the reports and prints a line for each row that is through, and on a terminal how far all of it is.
struct Tally {
    private let rows: [Matrix.Row]
    private var left: [Int]
    private var losses: [Int]
    private var done = 0
    private let total: Int
    private let isTerminal = isatty(STDERR_FILENO) == 1

    var lost: Int { losses.reduce(0, +) }

    init(_ rows: [Matrix.Row]) {
        self.rows = rows
        left = rows.map(\.cases.count)
        losses = rows.map { _ in 0 }
        total = rows.reduce(0) { $0 + $1.cases.count }
    }

    mutating func count(_ report: Squad.Report) {
        let row = rows[report.row]
        done += 1
        left[report.row] -= 1
        if let loss = report.loss {
            losses[report.row] += 1
            show("LOSS: \(row.operation.name), \(describe(row.cases[report.index])): \(loss)")
        }
        if left[report.row] == 0 { show(line(report.row)) }
        if isTerminal, done % 50 == 0 { say("\r\(done * 100 / max(1, total)) % of \(total)", to: .standardError, ending: "") }
    }

    /// The last line: what was tried and what it cost.
    func conclude() {
        func sum(_ isCut: Bool) -> Int {
            rows.indices.filter { (rows[$0].cuts != nil) == isCut }.reduce(0) { $0 + rows[$1].cases.count - left[$1] }
        }
        show("faults injected: \(sum(false)), power cuts: \(sum(true)), losses: \(lost)")
    }

    private func line(_ index: Int) -> String {
        let row = rows[index]
        let share = row.cases.count == row.possible ? "" : " of \(row.possible)"
        let what = row.cuts == nil ? "calls" : "disks"
        return "\(row.operation.name), \(row.title): \(row.cases.count)\(share) \(what), losses: \(losses[index])"
    }

    private func show(_ line: String) { say("\(isTerminal ? "\r" : "")\(line)") }

    private func describe(_ wanted: Matrix.Case) -> String {
        switch wanted {
        case .fault(let fault): "\(fault.kind.name) at call \(fault.call)"
        case .cut(let disk): "power cut after \(disk.end) changes, lost \(disk.lost.sorted())"
        }
    }
}
