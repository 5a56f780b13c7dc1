/// Carries out what `TransferAttempts` decide: starts requests, ends them, keeps time. Lives on the loop's thread.
final class TransferDriver {
    let multi: MultiHandle
    let mirrors: [MirrorAddress]
    let options: TransferOptions
    let configuration: CurlConfiguration
    let pace: Pace
    var flows: [UInt64: Flow] = [:]
    /// Flows without a request on the wire, first come first.
    var waiting: [Flow] = []
    var running: [Flow] = []
    var scores: MirrorScores
    var statistics: TransferStatistics
    /// Whether sockets are left alone until a consumer or the clock moves on.
    var isHeld = false
    /// How long one stream may hold up the others: less after each that did for nothing, more after each that went on.
    var patience = TransferLimits.longestHold
    var meter: RateMeter
    /// Choices of a mirror made so far.
    var turn = 0
    /// Until when each mirror asked not to be disturbed.
    var resting: [Double]
    /// Whether each mirror speaks HTTP/2; nil until its first answer.
    var isMultiplexed: [Bool?]
    /// Ends of streams that their consumers do not know of yet.
    var endings: [(Flow, StreamBuffer.Ending, epoch: Int)] = []
    /// When connections are closed because a pause lasts.
    var parkTime: Double?

    init(multi: MultiHandle, mirrors: [MirrorAddress], options: TransferOptions, statistics: TransferStatistics) {
        self.multi = multi
        self.mirrors = mirrors
        self.options = options
        self.statistics = statistics
        configuration = CurlConfiguration(options: options)
        let now = TransferTime.now
        pace = Pace(bytesPerSecond: options.bytesPerSecond, mirrorCount: mirrors.count, now: now)
        meter = RateMeter(now: now)
        resting = Array(repeating: 0, count: mirrors.count)
        scores = options.scores
        isMultiplexed = mirrors.map { options.allowsHTTP2 && $0.base.hasPrefix("https:") ? nil : false }
        configuration.apply(to: multi)
    }

    /// Carries out a command; false for `stop`.
    func handle(_ command: TransferLoop.Command) -> Bool {
        let now = TransferTime.now
        switch command {
        case .open(let core): open(core)
        case .resume(let identity): resume(identity, now)
        case .cancel(let identity): cancel(identity)
        case .restart(let core, let offset, let epoch, let blamed): restart(core, offset, epoch, blamed)
        case .shorten(let identity, let end): shorten(identity, to: end)
        case .blame(let mirror): blame(mirror)
        case .setPaused(let isPaused): setPaused(isPaused, now)
        case .setRate(let rate): setRate(rate, now)
        case .expect(let bytes, let saved): (statistics.expectedBytes, statistics.savedBytes) = (bytes, saved)
        case .cancelAll: cancelAll()
        case .stop: return false
        }
        return true
    }

    /// Does everything that is due and answers how many seconds may pass before the next step.
    func step() -> Double {
        let now = TransferTime.now
        releaseRate(now)
        endStalled(now)
        moveSlow(now)
        park(now)
        shelve(now)
        startWaiting(now)
        guard !holdReading(now) else {
            updateStatistics(now)
            return nextDeadline - now
        }
        multi.perform()
        while let (context, result) = unsafe multi.nextEnded() { unsafe ended(Attempt.from(context), result) }
        // Ended requests made room; what starts now is on its way before the wait.
        for attempt in running.compactMap(\.running) { learnProtocol(attempt) }
        if startWaiting(TransferTime.now) { multi.perform() }
        updateStatistics(TransferTime.now)
        return nextDeadline - TransferTime.now
    }

    /// Tells consumers of streams that ended since the last call. Done once the statistics are published, so that
    /// whoever has read a stream to its end finds it counted.
    func tellEndings() {
        for (flow, ending, epoch) in endings { flow.tell(ending, epoch: epoch) }
        endings = []
    }

    /// Ends every stream.
    func cancelAll() {
        for identity in flows.keys { cancel(identity) }
    }

    func open(_ core: StreamCore) {
        let flow = Flow(core, mirrorCount: mirrors.count, options: options)
        flows[core.identity] = flow
        if core.request.sharesRange { statistics.sharingRequests += 1 }
        guard MirrorAddress.isRelative(core.request.path) else {
            return fail(flow, .invalidAddress("the path does not stay below the base address"), mirror: 0)
        }
        if flow.offset == flow.end, core.request.range != nil { return finish(flow, .complete) }
        waiting.append(flow)
    }

    func resume(_ identity: UInt64, _ now: Double) {
        guard let flow = flows[identity] else { return }
        if flow.running?.blocksReading == true { patience = min(patience * 2, TransferLimits.longestHold) }
        flow.running?.release(.buffer, now: now)
        guard flow.isShelved else { return }
        flow.isShelved = false
        waiting.append(flow)
    }

    func cancel(_ identity: UInt64) {
        guard let flow = flows.removeValue(forKey: identity) else { return }
        stopRequest(of: flow)
        waiting.removeAll { $0 === flow }
        if !flow.isEnded { fail(flow, .cancelled, mirror: 0) }
    }

    func restart(_ core: StreamCore, _ offset: UInt64, _ epoch: Int, _ blamed: Set<Int>) {
        guard let flow = flows[core.identity] else { return }
        stopRequest(of: flow)
        waiting.removeAll { $0 === flow }
        (flow.offset, flow.progressMark, flow.epoch, flow.isEnded, flow.isShelved) = (offset, offset, epoch, false, false)
        for mirror in blamed {
            flow.validators[mirror] = nil
            // Where two mirrors sent parts of it, nobody knows whose was wrong: the next attempt will show.
            record(blamed.count == 1 ? .rejected : .changed, flow, mirror)
        }
        flow.notBefore = 0
        waiting.append(flow)
    }

    /// Goes on to `end` only, or to where it has come already.
    func shorten(_ identity: UInt64, to end: UInt64) {
        guard let flow = flows[identity], !flow.isEnded, flow.end.map({ end < $0 }) ?? true else { return }
        flow.end = max(end, flow.offset)
        flow.running?.shorten()
        guard flow.offset == flow.end else { return }
        if let attempt = flow.running {
            stopRequest(of: flow)
            noteDelivery(attempt)
        }
        waiting.removeAll { $0 === flow }
        flow.isShelved = false
        finish(flow, .complete)
    }

    func blame(_ mirror: Int) {
        statistics.mirrors[mirror].failures += 1
        scores.failed(mirrors[mirror].shown, weight: TransferFault.rejected.penalty, now: TransferTime.wall)
    }

    func finish(_ flow: Flow, _ ending: StreamBuffer.Ending) {
        flow.isEnded = true
        endings.append((flow, ending, flow.epoch))
    }

    func fail(_ flow: Flow, _ fault: TransferFault, mirror: Int) {
        finish(flow, .failed(TransferError(url: mirrors[mirror].shownURL(flow.core.request.path), fault: fault)))
    }
}
