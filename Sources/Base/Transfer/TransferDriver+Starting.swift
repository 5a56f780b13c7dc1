internal import CCurl

/// Requests on their way to the wire.
extension TransferDriver {
    /// Starts what may start, the most important first; true if anything did.
    @discardableResult
    func startWaiting(_ now: Double) -> Bool {
        guard !pace.isPaused, waiting.contains(where: { $0.notBefore <= now && hasSlot($0) }) else { return false }
        var isStarted = false
        for flow in waiting.filter({ $0.notBefore <= now }).sorted(by: { $0.priority > $1.priority }) where hasSlot(flow) {
            isStarted = start(flow, now) || isStarted
        }
        waiting.removeAll { $0.running != nil || $0.isEnded }
        return isStarted
    }

    func hasSlot(_ flow: Flow) -> Bool {
        let limit = options.effectiveParallelRequests + (flow.priority == .metadata ? CurlConfiguration.reserve : 0)
        return running.count < limit
    }

    func start(_ flow: Flow, _ now: Double) -> Bool {
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
    func isBeingIntroduced(_ mirror: Int) -> Bool {
        isMultiplexed[mirror] == nil && running.contains { $0.running?.mirror == mirror }
    }

    /// Learns from an answer whether requests share connections at its mirror.
    func learnProtocol(_ attempt: Attempt) {
        guard attempt.head.status > 0, attempt.redirects == 0, isMultiplexed[attempt.mirror] == nil else { return }
        isMultiplexed[attempt.mirror] = attempt.head.isMultiplexed
        statistics.isMultiplexed = isMultiplexed.contains(true)
        configuration.limitConnections(of: multi, isMultiplexed: isMultiplexed.allSatisfy { $0 != false })
    }

    func begin(_ flow: Flow, _ mirror: Int, _ url: String, redirects: Int) -> Bool {
        let asked = flow.ask(mirror, skipLimit: options.effectiveSkippedBytes)
        guard let easy = configuration.makeHandle(url: url, fields: flow.fields(asked)) else {
            fail(flow, .local("no memory for a request"), mirror: mirror)
            return false
        }
        let attempt = Attempt(
            easy, flow: flow, mirror: mirror, url: url, redirects: redirects, asked: asked, pace: pace, options: options,
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
