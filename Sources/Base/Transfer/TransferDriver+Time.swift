/// What the clock, the rate limit and slow consumers do to requests in flight.
extension TransferDriver {
    func endStalled(_ now: Double) {
        for flow in running {
            guard let attempt = flow.running, attempt.stall.isStalled(now: now) else { continue }
            stopRequest(of: flow)
            noteDelivery(attempt)
            retry(flow, attempt.mirror, .stalled)
        }
    }

    /// Lets held attempts read on, in turn, while the rate allows.
    func releaseRate(_ now: Double) {
        guard !pace.isPaused else { return }
        for flow in running where flow.running?.holds.contains(.rate) == true {
            guard pace.limiter.mayTake(now: now) else { break }
            flow.running?.release(.rate, now: now)
            // Whoever read goes to the end of the line.
            running.removeAll { $0 === flow }
            running.append(flow)
        }
    }

    func setRate(_ rate: UInt64?, _ now: Double) {
        pace.limiter.setRate(rate, now: now)
        statistics.isLimited = rate != nil
    }

    func setPaused(_ isPaused: Bool, _ now: Double) {
        guard pace.isPaused != isPaused else { return }
        pace.isPaused = isPaused
        statistics.isPaused = isPaused
        parkTime = isPaused ? now + TransferLimits.pauseGrace : nil
        for flow in running {
            if isPaused { flow.running?.holdForUser(now: now) } else { flow.running?.release(.user, now: now) }
        }
    }

    /// Closes the connections of a pause that lasts: bytes on their way stop too, and no server waits for us.
    func park(_ now: Double) {
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
    func holdReading(_ now: Double) -> Bool {
        isHeld = running.contains { $0.running?.blocksReading == true }
        for attempt in running.compactMap(\.running) {
            if isHeld { attempt.stall.pause(now: now) } else if attempt.holds.isEmpty { attempt.stall.resume(now: now) }
        }
        return isHeld
    }

    /// Ends requests whose slow consumers have held up the others for long enough.
    func shelve(_ now: Double) {
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

    var nextDeadline: Double {
        let now = TransferTime.now
        var deadline = min(now + 60, parkTime ?? .infinity, nextSlownessCheck(now))
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

    func updateStatistics(_ now: Double) {
        for (index, bytes) in pace.bytes.enumerated() { statistics.mirrors[index].bytes = bytes }
        statistics.running = running.count
        meter.update(total: statistics.bytes, now: now)
        statistics.bytesPerSecond = meter.bytesPerSecond
    }
}
