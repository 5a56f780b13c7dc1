internal import CCurl
internal import InstarThreads
internal import Synchronization

/// The thread that owns all sockets, and the queue of commands to it. The thread alone touches libcurl.
final class TransferLoop: Sendable {
    enum Command: Sendable {
        case open(StreamCore)
        /// The consumer made room.
        case resume(UInt64)
        case cancel(UInt64)
        case restart(StreamCore, offset: UInt64, epoch: Int, blamed: Set<Int>)
        /// Nothing is wanted from this byte on.
        case shorten(UInt64, end: UInt64)
        /// A small object from this mirror was not what it must be.
        case blame(mirror: Int)
        case setPaused(Bool)
        case setRate(UInt64?)
        case expect(bytes: UInt64?, saved: UInt64)
        case cancelAll
        case stop
    }

    /// What the loop publishes for other threads.
    struct Report: Sendable {
        var statistics: TransferStatistics
        var scores: MirrorScores
    }

    private struct Inbox {
        var commands: [Command] = []
        /// Set when the thread takes no more commands, and libcurl's handle is about to go.
        var isClosed = false
    }

    private let multi: MultiHandle
    /// Holds no transfers: what is waited on while sockets are left alone.
    private let idle: MultiHandle
    // A pthread mutex rather than `Mutex`, whose waiting path the thread sanitizer does not see.
    private let inbox = Monitor(Inbox())
    let report: Monitor<Report>
    private let thread = Mutex<OSThread?>(nil)

    init(
        mirrors: [MirrorAddress], options: TransferOptions, observer: (@Sendable (TransferStatistics) -> Void)?
    ) throws(TransferError) {
        guard let multi = MultiHandle(), let idle = MultiHandle() else {
            throw TransferError(url: mirrors[0].shown, fault: .local("libcurl cannot be initialised"))
        }
        self.multi = multi
        self.idle = idle
        var statistics = TransferStatistics(mirrors: mirrors.map { TransferStatistics.Mirror(url: $0.shown) })
        statistics.isLimited = options.bytesPerSecond != nil
        report = Monitor(Report(statistics: statistics, scores: options.scores))
        thread.withLock {
            $0 = OSThread(name: "instar-transfer") { [self, statistics] in run(mirrors, options, statistics, observer) }
        }
    }

    /// Hands `command` to the thread. After `stop` a stream that is opened fails at once.
    func post(_ command: Command) {
        let isTaken = inbox.withLock { inbox in
            guard !inbox.isClosed else { return false }
            inbox.commands.append(command)
            // Under the lock, so that the handle is still there.
            multi.wakeUp()
            idle.wakeUp()
            return true
        }
        guard !isTaken else { return }
        switch command {
        case .open(let core), .restart(let core, _, _, _): Self.refuse(core)
        default: break
        }
    }

    /// Ends the thread and waits for it.
    func stop() {
        post(.stop)
        let thread = thread.withLock { thread in
            let taken = thread
            thread = nil
            return taken
        }
        thread?.join()
    }

    private func run(
        _ mirrors: [MirrorAddress], _ options: TransferOptions, _ statistics: TransferStatistics,
        _ observer: (@Sendable (TransferStatistics) -> Void)?
    ) {
        let driver = TransferDriver(multi: multi, mirrors: mirrors, options: options, statistics: statistics)
        var lastEvent = 0.0
        while true {
            let commands = inbox.withLock { inbox in
                let taken = inbox.commands
                inbox.commands = []
                return taken
            }
            for command in commands { if !driver.handle(command) { return close(driver) } }
            let wait = driver.step()
            let isChanged = publish(driver)
            driver.tellEndings()
            let now = TransferTime.now
            if let observer, isChanged, now - lastEvent >= TransferLimits.progressInterval {
                lastEvent = now
                observer(driver.statistics)
            }
            (driver.isHeld ? idle : multi).wait(seconds: wait)
        }
    }

    private func publish(_ driver: TransferDriver) -> Bool {
        report.withLock { report in
            let isChanged = report.statistics != driver.statistics
            if isChanged { report = Report(statistics: driver.statistics, scores: driver.scores) }
            return isChanged
        }
    }

    private func close(_ driver: TransferDriver) {
        driver.cancelAll()
        _ = publish(driver)
        driver.tellEndings()
        let late = inbox.withLock { inbox in
            inbox.isClosed = true
            let taken = inbox.commands
            inbox.commands = []
            return taken
        }
        for case .open(let core) in late { Self.refuse(core) }
    }

    private static func refuse(_ core: StreamCore) {
        core.buffer.withLock { buffer in
            buffer.finish(.failed(TransferError(url: core.request.path, fault: .cancelled)), epoch: buffer.epoch)
        }
    }
}
