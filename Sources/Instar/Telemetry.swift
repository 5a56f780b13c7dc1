internal import Logging
internal import Metrics

/// What the host's own logging and metrics learn of updates, through swift-log and swift-metrics: the host's choice of
/// handlers decides where it goes.
enum Telemetry {
    private static let logger = Logger(label: "instar")

    static func activated(_ report: UpdateReport) {
        logger.info(
            "update activated",
            metadata: [
                "from": "\(report.from?.version ?? "nothing")", "to": "\(report.to)", "bytes": "\(report.bytesDownloaded)",
                "requests": "\(report.requests)", "seconds": "\(report.seconds)",
            ])
        Counter(label: "instar.updates").increment()
        Counter(label: "instar.bytes_downloaded").increment(by: Int64(clamping: report.bytesDownloaded))
        Counter(label: "instar.bytes_reused").increment(by: Int64(clamping: report.bytesReused))
    }

    static func applied(_ update: AppliedUpdate) {
        logger.info("update applied in the running game", metadata: ["to": "\(update.release)", "pause": "\(update.pause)"])
        Timer(label: "instar.pause").recordSeconds(update.pause.inSeconds)
    }

    static func refused(_ release: Release, reason: String) {
        logger.error("release refused and banned", metadata: ["release": "\(release)", "reason": "\(reason)"])
        Counter(label: "instar.refused").increment()
    }

    static func failed(_ error: UpdateError) {
        logger.warning("update failed", metadata: ["kind": "\(error.kind.rawValue)", "message": "\(error.message)"])
        Counter(label: "instar.failures", dimensions: [("kind", error.kind.rawValue)]).increment()
    }
}
