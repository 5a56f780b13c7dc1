internal import CCurl

/// What follows from the end of a request.
extension TransferDriver {
    /// Takes the request of `flow` off the wire, if one is there.
    func stopRequest(of flow: Flow) {
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
    func ended(_ attempt: Attempt, _ result: CURLcode) {
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
    func isWhole(_ flow: Flow, _ attempt: Attempt, _ result: CURLcode) -> Bool {
        flow.end.map { flow.offset == $0 } ?? (result == CURLE_OK)
    }

    func outcome(_ attempt: Attempt, _ result: CURLcode, _ detail: String, _ retryAfter: Double?) -> TransferFault {
        if case .status(let code, nil) = attempt.fault { return .status(code, retryAfter: retryAfter) }
        if let fault = attempt.fault { return fault }
        if result == CURLE_OK, attempt.head.contentLength == nil, attempt.head.hasDefiniteEnd, let end = attempt.flow.end {
            return .wrongLength(expected: end, announced: attempt.flow.offset)
        }
        if result == CURLE_OK || attempt.isSatisfied { return .interrupted("the answer was shorter than what was asked for") }
        return TransferFault(result, detail: detail)
    }

    func follow(_ target: String, _ attempt: Attempt) {
        let flow = attempt.flow
        guard attempt.redirects < TransferLimits.redirects, let address = Address(target, relativeTo: attempt.url),
            address.isAllowedRedirect
        else { return retry(flow, attempt.mirror, .forbiddenRedirect(Address.withoutCredentials(target))) }
        _ = begin(flow, attempt.mirror, address.text, redirects: attempt.redirects + 1)
    }

    func retry(_ flow: Flow, _ mirror: Int, _ fault: TransferFault) {
        if fault == .changed { flow.validators[mirror] = nil }
        record(fault, flow, mirror)
        flow.notBefore = 0
        waiting.append(flow)
    }

    func record(_ fault: TransferFault, _ flow: Flow, _ mirror: Int) {
        let now = TransferTime.now
        flow.attempts.failed(fault, mirror: mirror, now: now, chance: Double.random(in: 0..<1))
        scores.failed(mirrors[mirror].shown, weight: fault.penalty, now: TransferTime.wall)
        statistics.mirrors[mirror].failures += 1
        if case .status(_, let seconds?) = fault {
            resting[mirror] = max(resting[mirror], now + min(max(0, seconds), TransferLimits.retryAfterSeconds))
        }
    }

    func noteDelivery(_ attempt: Attempt) {
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
}
