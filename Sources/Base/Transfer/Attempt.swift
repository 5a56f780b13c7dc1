internal import CCurl
internal import InstarThreads

/// One request on the wire: its libcurl handle, what was asked, and what has come. Used by the loop's thread only.
@safe final class Attempt {
    /// Why the socket is not read at the moment.
    struct Hold: OptionSet {
        let rawValue: Int
        /// The consumer's buffer is full.
        static let buffer = Hold(rawValue: 1)
        /// The rate limit is used up.
        static let rate = Hold(rawValue: 2)
        /// The user paused everything.
        static let user = Hold(rawValue: 4)
    }

    let easy: EasyHandle
    let flow: Flow
    let mirror: Int
    let url: String
    /// Redirects that led here.
    let redirects: Int
    let asked: AskedFor
    let pace: Pace
    let began: Double
    var holds: Hold = []
    /// Since when the socket is not read.
    private(set) var heldSince = 0.0
    var stall: StallClock
    private var slowness: Slowness
    private(set) var head = ResponseHead()
    /// Nil until the head is complete.
    private(set) var verdict: ResponseVerdict?
    /// Set where this side ended the attempt; libcurl then reports only that a callback did.
    var fault: TransferFault?
    /// All bytes wanted are there.
    private(set) var isSatisfied = false
    private(set) var bodyBytes: UInt64 = 0
    /// Bytes of body still to be skipped.
    private var skip: UInt64 = 0
    private(set) var end: UInt64?
    private let epoch: Int

    init(
        _ easy: EasyHandle, flow: Flow, mirror: Int, url: String, redirects: Int, asked: AskedFor, pace: Pace, options: TransferOptions,
        now: Double
    ) {
        self.easy = easy
        self.flow = flow
        self.mirror = mirror
        self.url = url
        self.redirects = redirects
        self.asked = asked
        self.pace = pace
        began = now
        stall = StallClock(window: options.stallSeconds, now: now)
        slowness = Slowness(window: options.slowSeconds)
        epoch = flow.epoch
        end = asked.end
    }

    /// The object's offset of the next byte wanted.
    var offset: UInt64 { flow.offset }

    /// Takes one header line; false ends the attempt.
    func takeHeader(_ line: UnsafeRawBufferPointer) -> Bool {
        let isComplete = unsafe head.take(line)
        guard head.byteCount <= TransferLimits.headBytes else {
            fault = .headTooLong
            return false
        }
        guard isComplete else { return true }
        let verdict = asked.judge(head)
        self.verdict = verdict
        stall.received(1, now: TransferTime.now)
        switch verdict {
        case .accept(let skip, let end):
            self.skip = skip
            self.end = end
            shorten()
            isSatisfied = self.end == flow.offset
        case .fault(let fault): self.fault = fault
        case .redirect, .missing: break
        }
        // A success that is none has a body that nobody wants; an error's short body is read past to keep the connection.
        return !(head.status < 300 && fault != nil)
    }

    /// Ends where its stream ends, which may be sooner than what was asked for.
    func shorten() {
        if let end, let sooner = flow.end, sooner < end { self.end = sooner }
    }

    /// Takes a piece of the body: how many bytes libcurl is to count as handled, or `CURL_WRITEFUNC_PAUSE`.
    func takeBody(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard case .accept = verdict else { return discard(bytes.count) }
        let now = TransferTime.now
        guard pace.mayTake(now: now) else { return hold(pace.isPaused ? .user : .rate, now) }
        let skipped = Int(min(skip, UInt64(bytes.count)))
        let wanted = bytes.count - skipped
        let taken = end.map { Int(min(UInt64(wanted), $0 - flow.offset)) } ?? wanted
        guard flow.offset + UInt64(taken) <= asked.limit else { return abort(.tooLong(limit: asked.limit)) }
        if taken > 0 {
            let piece = unsafe UnsafeRawBufferPointer(rebasing: bytes[skipped..<skipped + taken])
            switch flow.core.buffer.withLock({ unsafe $0.offer(piece, from: mirror, epoch: epoch) }) {
            case .taken: break
            case .full: return hold(.buffer, now)
            case .unwanted: return abort(.cancelled)
            }
        }
        skip -= UInt64(skipped)
        flow.offset += UInt64(taken)
        count(bytes.count, now)
        isSatisfied = end == flow.offset
        return taken == wanted ? bytes.count : 0
    }

    private func discard(_ count: Int) -> Int {
        self.count(count, TransferTime.now)
        return bodyBytes <= TransferLimits.discardedBytes ? count : 0
    }

    private func count(_ count: Int, _ now: Double) {
        bodyBytes += UInt64(count)
        pace.took(count, from: mirror, now: now)
        stall.received(count, now: now)
    }

    private func abort(_ fault: TransferFault) -> Int {
        self.fault = fault
        return 0
    }

    private func hold(_ reason: Hold, _ now: Double) -> Int {
        if holds.isEmpty { heldSince = now }
        holds.insert(reason)
        stall.pause(now: now)
        return Int(CURL_WRITEFUNC_PAUSE)
    }

    /// Takes away a reason for not reading; reads on once there is none left.
    func release(_ reason: Hold, now: Double) {
        guard holds.contains(reason) else { return }
        holds.remove(reason)
        guard holds.isEmpty else { return }
        stall.resume(now: now)
        easy.pause(false)
    }

    /// Whether the connection must not be read at all. libcurl goes on reading the connection of a paused HTTP/2 stream,
    /// up to 32 MB a stream, so memory stays bounded only if nobody lets it.
    var blocksReading: Bool { head.isMultiplexed && !holds.isEmpty }

    /// Stops reading for the user's sake.
    func holdForUser(now: Double) {
        if holds.isEmpty { easy.pause(true) }
        _ = hold(.user, now)
    }

    /// Bytes a second over the window that ends now; nil before it does.
    func speed(now: Double) -> Double? {
        slowness.speed(seconds: stall.activeSeconds(since: began, now: now), bytes: bodyBytes)
    }

    /// When the window ends; nil while nothing is read.
    func slownessDeadline(now: Double) -> Double? {
        holds.isEmpty ? now + slowness.secondsLeft(seconds: stall.activeSeconds(since: began, now: now)) : nil
    }

    /// What this object is called in C.
    var context: UnsafeMutableRawPointer { unsafe Unmanaged.passUnretained(self).toOpaque() }

    static func from(_ context: UnsafeMutableRawPointer) -> Attempt {
        unsafe Unmanaged<Attempt>.fromOpaque(context).takeUnretainedValue()
    }
}
