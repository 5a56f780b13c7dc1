internal import InstarHosting
internal import InstarThreads

/// Progress of long work: a bar that redraws itself on a terminal, a plain line now and then elsewhere, events as JSON.
///
/// All state is behind a monitor, so any thread may report.
final class ProgressBar: Sendable {
    private struct State {
        var lastDrawn: ContinuousClock.Instant?
        var isDrawn = false
        var isComplete = false
    }

    private let title: String
    private let output: Output
    /// Asked once, since a large download reports thousands of times.
    private let isTerminal = Terminal.isTerminal(2)
    private let state = Monitor(State())

    init(_ title: String, output: Output) {
        self.title = title
        self.output = output
    }

    /// Shows that `done` of `total` bytes are through. Cheap enough to call for every chunk: it draws ten times a second at most.
    func update(done: UInt64, total: UInt64, detail: String = "") {
        let isDue = state.withLock { state in
            let now = ContinuousClock.now
            let interval: Duration = isTerminal || output.json ? .milliseconds(100) : .seconds(5)
            let isCompleted = done >= total && !state.isComplete
            guard isCompleted || state.lastDrawn.map({ now - $0 >= interval }) ?? true else { return false }
            (state.lastDrawn, state.isDrawn, state.isComplete) = (now, true, done >= total)
            return true
        }
        guard isDue else { return }
        output.event("progress", [("step", .string(title)), ("done", JSON(done)), ("total", JSON(total))])
        guard !output.json, !output.quiet else { return }
        let words = ProgressBar.words(done: done, total: total, detail: detail)
        guard isTerminal else { return Terminal.writeError("\(title) \(words)\n") }
        let bar = ProgressBar.bar(share: ProgressBar.share(done, of: total), columns: Terminal.columns)
        Terminal.writeError("\r\u{1B}[K" + String("\(title) \(bar) \(words)".prefix(max(20, Terminal.columns - 1))))
    }

    /// Ends the bar's line.
    func finish() {
        let wasDrawn = state.withLock { state in
            defer { state.isDrawn = false }
            return state.isDrawn
        }
        if wasDrawn, isTerminal, !output.json, !output.quiet { Terminal.writeError("\r\u{1B}[K") }
    }

    private static func share(_ done: UInt64, of total: UInt64) -> Double { total == 0 ? 1 : min(1, Double(done) / Double(total)) }

    private static func bar(share: Double, columns: Int) -> String {
        let width = max(10, min(30, columns - 50))
        let filled = Int(share * Double(width))
        return String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
    }

    private static func words(done: UInt64, total: UInt64, detail: String) -> String {
        let words = "\(Int(share(done, of: total) * 100)) %  \(ByteCount(done)) of \(ByteCount(total))"
        return detail.isEmpty ? words : "\(words)  \(detail)"
    }
}

/// A number of bytes as people read it: decimal multiples, as line rates and disk sizes are given.
struct ByteCount: CustomStringConvertible {
    private let bytes: UInt64

    init(_ bytes: UInt64) { self.bytes = bytes }

    var description: String {
        var value = Double(bytes)
        for unit in ["B", "kB", "MB", "GB"] {
            if value < 999.5 || unit == "GB" { return unit == "B" ? "\(bytes) B" : "\((value * 10).rounded() / 10) \(unit)" }
            value /= 1000
        }
        return "\(bytes) B"
    }
}
