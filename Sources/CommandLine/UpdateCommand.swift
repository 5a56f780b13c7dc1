internal import ArgumentParser
internal import Instar
internal import InstarHosting
internal import Synchronization

/// `instar update`: one walk along the whole data path, from the first request to the active generation.
struct UpdateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "update",
        abstract: "Bring a store to the release that its channel points to.",
        discussion: """
            Verifies the signed metadata, plans where every byte comes from, fetches only what is missing, verifies all of
            it, and makes the release active, on trial until it is confirmed. Whatever fails, the store keeps the last good
            release. Interrupt it and run it again: it goes on where it stopped.

              instar update --store store --url https://updates.example.com --root root.json
              instar update --store store --url https://updates.example.com --dry-run
            """)

    @OptionGroup var storeOptions: StoreOptions
    @OptionGroup var repository: SourceOptions

    @Flag(help: "Print what the update would cost and change nothing but the kept metadata.")
    var dryRun = false

    @Flag(help: "Make the release complete in the store and leave the active one.")
    var stageOnly = false

    @OptionGroup var outputOptions: OutputOptions

    func validate() throws {
        if dryRun && stageOnly { throw ValidationError("--dry-run and --stage-only exclude each other") }
    }

    func run() throws {
        useLeanHeap()
        let output = outputOptions.output
        let updater = try Updater(storeOptions, repository, needsURL: true)
        if dryRun { return try plan(updater, output) }
        let display = UpdateDisplay(output)
        let extent: UpdateExtent = stageOnly ? .stage : .activate
        let outcome = try waitFor { try await updater.update(extent, observer: display.show) }
        display.finish()
        Self.report(outcome, to: output)
    }

    private func plan(_ updater: Updater, _ output: Output) throws {
        guard let cost = try waitFor({ try await updater.planUpdate() }) else {
            return output.done([("nothingToDo", true)], "There is nothing to do.")
        }
        if !output.json { output.result(Self.table(cost)) }
        output.done([("dryRun", true)] + Self.members(cost))
    }

    static func members(_ cost: UpdateCost) -> [(String, JSON)] {
        [
            ("bytesDownloaded", JSON(cost.bytesDownloaded)), ("bytesReused", JSON(cost.bytesReused)),
            ("bytesWritten", JSON(cost.bytesWritten)), ("requests", JSON(cost.requests)), ("filesLinked", JSON(cost.filesLinked)),
            ("filesWritten", JSON(cost.filesWritten)), ("bytesReadOver", JSON(cost.bytesReadOver)),
            (
                "sources",
                .array(cost.sources.map { .object([("place", .string("\($0.place)")), ("bytes", JSON($0.bytes))]) })
            ),
            ("bytesOfDeltas", JSON(cost.bytesOfDeltas)), ("bytesFromDeltas", JSON(cost.bytesFromDeltas)),
        ]
    }

    private static func table(_ cost: UpdateCost) -> String {
        let rows =
            [
                (
                    "download",
                    "\(ByteCount(cost.bytesDownloaded)) in \(cost.requests) requests (\(ByteCount(cost.bytesReadOver)) read over)"
                ),
                ("deltas", "\(ByteCount(cost.bytesOfDeltas)) of it, which bring \(ByteCount(cost.bytesFromDeltas))"),
                ("reuse", "\(ByteCount(cost.bytesReused))"),
                ("link", "\(cost.filesLinked) files"),
            ] + cost.sources.map { ("copy", "\(ByteCount($0.bytes)) from \($0.place.sentence)") } + [
                ("write", "\(cost.filesWritten) files, \(ByteCount(cost.bytesWritten)), which is also what the disk needs")
            ]
        return rows.map { $0.0.padded(to: 10) + $0.1 }.joined(separator: "\n")
    }

    static func report(_ outcome: UpdateOutcome, to output: Output) {
        switch outcome {
        case .upToDate(let release):
            output.done([("upToDate", true), ("to", .string(release.version))], "\(release) is active already.")
        case .held(let release, let reason):
            output.done([("held", .string("\(reason)")), ("to", .string(release.version))], "\(release) is not installed: \(reason).")
        case .staged(let report): finish(report, "staged", "\(report.to) is complete in the store.", output)
        case .activated(let report): finish(report, "activated", "\(report.to) is active, on trial until it is confirmed.", output)
        }
    }

    private static func finish(_ report: UpdateReport, _ what: String, _ sentence: String, _ output: Output) {
        let slow = report.requestsForSlowLine
        let added = slow > 0 ? " (\(slow) more than planned, for a slow line)" : ""
        let cost =
            "\(ByteCount(report.bytesDownloaded)) in \(report.requests) requests\(added), \(ByteCount(report.bytesReused)) reused, "
            + "\((report.seconds * 1000).rounded() / 1000) s"
        output.done(
            [
                ("outcome", .string(what)), ("from", JSON(report.from?.version)), ("to", .string(report.to.version)),
                ("digest", .string(report.to.digest)), ("generation", JSON(report.generation)),
                ("bytesDownloaded", JSON(report.bytesDownloaded)), ("bytesReused", JSON(report.bytesReused)),
                ("bytesWritten", JSON(report.bytesWritten)), ("requests", JSON(report.requests)),
                ("requestsForSlowLine", JSON(report.requestsForSlowLine)), ("seconds", JSON(report.seconds)),
            ], "\(sentence) \(cost)")
    }
}

extension UpdateSource.Place {
    var sentence: String { self == .shipped ? "the directory shipped with the app" : "\(self)" }
}

extension String {
    /// This text with spaces behind it up to `width` characters.
    func padded(to width: Int) -> String { self + String(repeating: " ", count: Swift.max(1, width - count)) }
}

/// Shows an update's steps: a bar while it downloads, events for machines.
final class UpdateDisplay: Sendable {
    private let output: Output
    private let bar: ProgressBar
    /// The last words on the download's rate, for the bar.
    private let rate = Mutex("")

    init(_ output: Output) {
        self.output = output
        bar = ProgressBar("fetch", output: output)
    }

    func show(_ event: UpdateEvent) {
        switch event {
        case .began(let step):
            trimHeap()
            output.event("step", [("step", .string(step.rawValue))])
        case .planned(let cost): output.event("planned", UpdateCommand.members(cost))
        case .sourcesChanged(let bytes):
            output.event("sourcesChanged", [("bytes", JSON(bytes))])
            output.say("\(ByteCount(bytes)) of local content changed since the plan was made and are fetched.")
        case .progress(_, let done, let total): bar.update(done: done, total: total, detail: rate.withLock { $0 })
        case .transfer(let progress): show(progress)
        }
    }

    private func show(_ progress: TransferProgress) {
        let seconds = progress.secondsLeft.map { ($0 * 10).rounded() / 10 }
        let left = seconds.map { ", \($0 < 10 ? "\($0)" : "\(Int($0))") s left" } ?? ""
        rate.withLock { $0 = "\(ByteCount(UInt64(progress.bytesPerSecond)))/s\(left)" }
        output.event(
            "transfer",
            [
                ("bytes", JSON(progress.bytes)), ("expected", progress.expectedBytes.map { JSON($0) } ?? .null),
                ("bytesPerSecond", JSON(UInt64(progress.bytesPerSecond))), ("secondsLeft", seconds.map { JSON($0) } ?? .null),
                ("bytesSaved", JSON(progress.savedBytes)),
            ])
    }

    func finish() { bar.finish() }
}
