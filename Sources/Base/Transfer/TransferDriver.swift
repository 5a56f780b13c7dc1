internal import CCurl

/// Carries out what `TransferAttempts` decide: starts requests, ends them, keeps time. Lives on the loop's thread.
final class TransferDriver {
    private let multi: MultiHandle
    private let mirrors: [MirrorAddress]
    private let options: TransferOptions
    private let configuration: CurlConfiguration
    private let pace: Pace
    private var flows: [UInt64: Flow] = [:]
    /// Flows without a request on the wire, first come first.
    private var waiting: [Flow] = []
    private var running: [Flow] = []
    private(set) var scores: MirrorScores
    private(set) var statistics: TransferStatistics
    /// Whether sockets are left alone until a consumer or the clock moves on.
    private(set) var isHeld = false
    /// How long one stream may hold up the others: less after each that did for nothing, more after each that went on.
    private var patience = TransferLimits.longestHold
    private var meter: RateMeter
    /// Choices of a mirror made so far.
    private var turn = 0
    /// Until when each mirror asked not to be disturbed.
    private var resting: [Double]
    /// Whether each mirror speaks HTTP/2; nil until its first answer.
    private var isMultiplexed: [Bool?]
    /// Ends of streams that their consumers do not know of yet.
    private var endings: [(Flow, StreamBuffer.Ending, epoch: Int)] = []
    /// When connections are closed because a pause lasts.
    private var parkTime: Double?

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
        case .blame(let mirror): blame(mirror)
        case .setPaused(let isPaused): setPaused(isPaused, now)
        case .setRate(let rate): pace.limiter.setRate(rate, now: now)
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

    // MARK: - Streams

    private func open(_ core: StreamCore) {
        let flow = Flow(core, mirrorCount: mirrors.count, options: options)
        flows[core.identity] = flow
        guard MirrorAddress.isRelative(core.request.path) else {
            return fail(flow, .invalidAddress("the path does not stay below the base address"), mirror: 0)
        }
        if flow.offset == flow.end, core.request.range != nil { return finish(flow, .complete) }
        waiting.append(flow)
    }

    private func resume(_ identity: UInt64, _ now: Double) {
        guard let flow = flows[identity] else { return }
        if flow.running?.blocksReading == true { patience = min(patience * 2, TransferLimits.longestHold) }
        flow.running?.release(.buffer, now: now)
        guard flow.isShelved else { return }
        flow.isShelved = false
        waiting.append(flow)
    }

    private func cancel(_ identity: UInt64) {
        guard let flow = flows.removeValue(forKey: identity) else { return }
        stopRequest(of: flow)
        waiting.removeAll { $0 === flow }
        if !flow.isEnded { fail(flow, .cancelled, mirror: 0) }
    }

    private func restart(_ core: StreamCore, _ offset: UInt64, _ epoch: Int, _ blamed: Set<Int>) {
        guard let flow = flows[core.identity] else { return }
        stopRequest(of: flow)
        waiting.removeAll { $0 === flow }
        (flow.offset, flow.progressMark, flow.epoch, flow.isEnded, flow.isShelved) = (offset, offset, epoch, false, false)
        for mirror in blamed {
            flow.validators[mirror] = nil
            record(.rejected, flow, mirror)
        }
        flow.notBefore = 0
        waiting.append(flow)
    }

    private func blame(_ mirror: Int) {
        statistics.mirrors[mirror].failures += 1
        scores.failed(mirrors[mirror].shown, weight: TransferFault.rejected.penalty, now: TransferTime.wall)
    }

    private func finish(_ flow: Flow, _ ending: StreamBuffer.Ending) {
        flow.isEnded = true
        endings.append((flow, ending, flow.epoch))
    }

    private func fail(_ flow: Flow, _ fault: TransferFault, mirror: Int) {
        finish(flow, .failed(TransferError(url: mirrors[mirror].shownURL(flow.core.request.path), fault: fault)))
    }

    // MARK: - Starting

    /// Starts what may start, the most important first; true if anything did.
    @discardableResult
    private func startWaiting(_ now: Double) -> Bool {
        guard !pace.isPaused, waiting.contains(where: { $0.notBefore <= now && hasSlot($0) }) else { return false }
        var isStarted = false
        for flow in waiting.filter({ $0.notBefore <= now }).sorted(by: { $0.priority > $1.priority }) where hasSlot(flow) {
            isStarted = start(flow, now) || isStarted
        }
        waiting.removeAll { $0.running != nil || $0.isEnded }
        return isStarted
    }

    private func hasSlot(_ flow: Flow) -> Bool {
        let limit = options.effectiveParallelRequests + (flow.priority == .metadata ? CurlConfiguration.reserve : 0)
        return running.count < limit
    }

    private func start(_ flow: Flow, _ now: Double) -> Bool {
        let order = scores.order(of: mirrors.map(\.shown), turn: turn, now: TransferTime.wall)
        switch flow.attempts.decide(now: now, order: order, resting: resting) {
        case .attempt(let mirror):
            guard !isBeingIntroduced(mirror) else { return false }
            turn += 1
            return begin(flow, mirror, mirrors[mirror].url(flow.core.request), redirects: 0)
        case .wait(let time): flow.notBefore = time
        case .giveUp(let fault, let mirror): fail(flow, fault, mirror: mirror)
        }
        return false
    }

    /// Whether the first request to `mirror` runs, whose answer will say how many connections are of use.
    private func isBeingIntroduced(_ mirror: Int) -> Bool {
        isMultiplexed[mirror] == nil && running.contains { $0.running?.mirror == mirror }
    }

    /// Learns from an answer whether requests share connections at its mirror.
    private func learnProtocol(_ attempt: Attempt) {
        guard attempt.head.status > 0, attempt.redirects == 0, isMultiplexed[attempt.mirror] == nil else { return }
        isMultiplexed[attempt.mirror] = attempt.head.isMultiplexed
        configuration.limitConnections(of: multi, isMultiplexed: isMultiplexed.allSatisfy { $0 != false })
    }

    private func begin(_ flow: Flow, _ mirror: Int, _ url: String, redirects: Int) -> Bool {
        let asked = flow.ask(mirror, skipLimit: options.effectiveSkippedBytes)
        guard let easy = configuration.makeHandle(url: url, fields: flow.fields(asked)) else {
            fail(flow, .local("no memory for a request"), mirror: mirror)
            return false
        }
        let attempt = Attempt(
            easy, flow: flow, mirror: mirror, url: url, redirects: redirects, asked: asked, pace: pace, stallSeconds: options.stallSeconds,
            now: TransferTime.now)
        unsafe easy.setCallbacks(context: attempt.context, header: onHeader, body: onBody)
        guard easy.refusal == nil, multi.add(easy) else {
            fail(flow, .local(easy.refusal ?? "a request could not be added"), mirror: mirror)
            return false
        }
        flow.running = attempt
        running.append(flow)
        statistics.mirrors[mirror].requests += 1
        return true
    }

    // MARK: - Ending

    /// Takes the request of `flow` off the wire, if one is there.
    private func stopRequest(of flow: Flow) {
        guard let attempt = flow.running else { return }
        multi.remove(attempt.easy)
        statistics.headBytes += UInt64(attempt.head.byteCount)
        if let date = attempt.head.date, case let seconds = unsafe curl_getdate(date, nil), seconds > 0 {
            statistics.serverTime = Int64(seconds)
        }
        statistics.connections += UInt64(max(0, attempt.easy.number(CURLINFO_NUM_CONNECTS)))
        flow.running = nil
        running.removeAll { $0 === flow }
    }

    /// What follows from the end of a request.
    private func ended(_ attempt: Attempt, _ result: CURLcode) {
        let flow = attempt.flow
        let detail = attempt.easy.explanation(result)
        let retryAfter = attempt.easy.retryAfter
        stopRequest(of: flow)
        noteDelivery(attempt)
        if let end = attempt.end, flow.end == nil { flow.end = end }
        // The consumer went elsewhere, or away, and says so in a command that is on its way: no mirror is to blame.
        if attempt.fault == .cancelled { return }
        if result == CURLE_OK || attempt.isSatisfied, case .accept = attempt.verdict, attempt.fault == nil, isWhole(flow, attempt, result) {
            return finish(flow, .complete)
        }
        switch attempt.verdict {
        case .missing(let status) where attempt.fault == nil: finish(flow, .missing(status: status))
        case .redirect(let target) where attempt.fault == nil: follow(target, attempt)
        default: retry(flow, attempt.mirror, outcome(attempt, result, detail, retryAfter))
        }
    }

    /// Whether nothing is left to fetch. Without an announced length, the end of the answer is the end of the object.
    private func isWhole(_ flow: Flow, _ attempt: Attempt, _ result: CURLcode) -> Bool {
        flow.end.map { flow.offset == $0 } ?? (result == CURLE_OK)
    }

    private func outcome(_ attempt: Attempt, _ result: CURLcode, _ detail: String, _ retryAfter: Double?) -> TransferFault {
        if case .status(let code, nil) = attempt.fault { return .status(code, retryAfter: retryAfter) }
        if let fault = attempt.fault { return fault }
        if result == CURLE_OK, attempt.head.contentLength == nil, attempt.head.hasDefiniteEnd, let end = attempt.flow.end {
            return .wrongLength(expected: end, announced: attempt.flow.offset)
        }
        if result == CURLE_OK || attempt.isSatisfied { return .interrupted("the answer was shorter than what was asked for") }
        return TransferFault(result, detail: detail)
    }

    private func follow(_ target: String, _ attempt: Attempt) {
        let flow = attempt.flow
        guard attempt.redirects < TransferLimits.redirects, let address = Address(target, relativeTo: attempt.url),
            address.isAllowedRedirect
        else { return retry(flow, attempt.mirror, .forbiddenRedirect(Address.withoutCredentials(target))) }
        _ = begin(flow, attempt.mirror, address.text, redirects: attempt.redirects + 1)
    }

    private func retry(_ flow: Flow, _ mirror: Int, _ fault: TransferFault) {
        if fault == .changed { flow.validators[mirror] = nil }
        record(fault, flow, mirror)
        flow.notBefore = 0
        waiting.append(flow)
    }

    private func record(_ fault: TransferFault, _ flow: Flow, _ mirror: Int) {
        let now = TransferTime.now
        flow.attempts.failed(fault, mirror: mirror, now: now, chance: Double.random(in: 0..<1))
        scores.failed(mirrors[mirror].shown, weight: fault.penalty, now: TransferTime.wall)
        statistics.mirrors[mirror].failures += 1
        if case .status(_, let seconds?) = fault {
            resting[mirror] = max(resting[mirror], now + min(max(0, seconds), TransferLimits.retryAfterSeconds))
        }
    }

    private func noteDelivery(_ attempt: Attempt) {
        let flow = attempt.flow
        learnProtocol(attempt)
        guard case .accept = attempt.verdict else { return }
        if flow.validators[attempt.mirror] == nil { flow.validators[attempt.mirror] = attempt.head.validator }
        if flow.offset - flow.progressMark >= TransferLimits.progressBytes {
            flow.attempts.progressed(mirror: attempt.mirror)
            flow.progressMark = flow.offset
        }
        let seconds = attempt.stall.activeSeconds(since: attempt.began, now: TransferTime.now)
        scores.delivered(mirrors[attempt.mirror].shown, bytes: attempt.bodyBytes, seconds: seconds, now: TransferTime.wall)
    }

    // MARK: - Time

    private func endStalled(_ now: Double) {
        for flow in running {
            guard let attempt = flow.running, attempt.stall.isStalled(now: now) else { continue }
            stopRequest(of: flow)
            noteDelivery(attempt)
            retry(flow, attempt.mirror, .stalled)
        }
    }

    /// Lets held attempts read on, in turn, while the rate allows.
    private func releaseRate(_ now: Double) {
        guard !pace.isPaused else { return }
        for flow in running where flow.running?.holds.contains(.rate) == true {
            guard pace.limiter.mayTake(now: now) else { break }
            flow.running?.release(.rate, now: now)
            // Whoever read goes to the end of the line.
            running.removeAll { $0 === flow }
            running.append(flow)
        }
    }

    private func setPaused(_ isPaused: Bool, _ now: Double) {
        guard pace.isPaused != isPaused else { return }
        pace.isPaused = isPaused
        statistics.isPaused = isPaused
        parkTime = isPaused ? now + TransferLimits.pauseGrace : nil
        for flow in running {
            if isPaused { flow.running?.holdForUser(now: now) } else { flow.running?.release(.user, now: now) }
        }
    }

    /// Closes the connections of a pause that lasts: bytes on their way stop too, and no server waits for us.
    private func park(_ now: Double) {
        guard let time = parkTime, time <= now else { return }
        parkTime = nil
        for flow in running {
            if let attempt = flow.running {
                stopRequest(of: flow)
                noteDelivery(attempt)
            }
            waiting.append(flow)
        }
    }

    /// Nothing is read while one HTTP/2 stream has no room (see `Attempt.blocksReading`), and no server's clock runs.
    private func holdReading(_ now: Double) -> Bool {
        isHeld = running.contains { $0.running?.blocksReading == true }
        for attempt in running.compactMap(\.running) {
            if isHeld { attempt.stall.pause(now: now) } else if attempt.holds.isEmpty { attempt.stall.resume(now: now) }
        }
        return isHeld
    }

    /// Ends requests whose slow consumers have held up the others for long enough.
    private func shelve(_ now: Double) {
        for flow in running {
            guard let attempt = flow.running, attempt.blocksReading, attempt.holds == .buffer,
                now - attempt.heldSince >= patience
            else { continue }
            stopRequest(of: flow)
            noteDelivery(attempt)
            flow.isShelved = true
            patience = max(patience / 2, TransferLimits.shortestHold)
        }
    }

    private var nextDeadline: Double {
        let now = TransferTime.now
        var deadline = min(now + 60, parkTime ?? .infinity)
        for flow in running {
            deadline = min(deadline, flow.running?.stall.deadline ?? .infinity)
            if let attempt = flow.running, attempt.blocksReading, attempt.holds == .buffer {
                deadline = min(deadline, attempt.heldSince + patience)
            }
            if flow.running?.holds.contains(.rate) == true { deadline = min(deadline, pace.limiter.nextTime(now: now)) }
        }
        if !pace.isPaused { for flow in waiting where flow.notBefore > now { deadline = min(deadline, flow.notBefore) } }
        return statistics.running > 0 ? min(deadline, now + TransferLimits.progressInterval) : deadline
    }

    private func updateStatistics(_ now: Double) {
        for (index, bytes) in pace.bytes.enumerated() { statistics.mirrors[index].bytes = bytes }
        statistics.running = running.count
        meter.update(total: statistics.bytes, now: now)
        statistics.bytesPerSecond = meter.bytesPerSecond
    }
}

/// libcurl's callbacks. They have no context but the pointer, and nothing may be thrown through C.
private let onHeader: curl_write_callback = { pointer, size, count, context in
    guard let pointer = unsafe pointer, let context = unsafe context else { return 0 }
    let line = unsafe UnsafeRawBufferPointer(start: pointer, count: size * count)
    return unsafe Attempt.from(context).takeHeader(line) ? line.count : 0
}

private let onBody: curl_write_callback = { pointer, size, count, context in
    guard let pointer = unsafe pointer, let context = unsafe context else { return 0 }
    return unsafe Attempt.from(context).takeBody(UnsafeRawBufferPointer(start: pointer, count: size * count))
}
