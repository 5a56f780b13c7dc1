import InstarServing
import InstarThreads
import InstarTransfer
import Synchronization
import TestSupport

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

// Measures the transfer by itself:
//
//   instar-line fetch URL-BASE PATH LENGTH RANGE-BYTES [option=value…]     prints seconds, bytes a second, requests, connections, memory
//   instar-line relay PORT ROUND-TRIP-MS MBIT LOSS-PERCENT                 a long line in front of a server on loopback; prints its port
//
// Options: parallel=16 connections=4 http2=1 ca=FILE slow=MICROSECONDS-A-PIECE

let arguments = Array(CommandLine.arguments.dropFirst())

switch arguments.first {
case "fetch" where arguments.count >= 5: try fetch(Array(arguments.dropFirst()))
case "relay" where arguments.count == 5: try relay(Array(arguments.dropFirst()))
default:
    print("usage: instar-line fetch URL-BASE PATH LENGTH RANGE-BYTES [option=value…] | relay PORT ROUND-TRIP-MS MBIT LOSS-PERCENT")
    exit(64)
}

/// Fetches a whole object as ranges of one size and throws it away.
func fetch(_ words: [String]) throws {
    guard let length = UInt64(words[2]), let rangeBytes = UInt64(words[3]) else { exit(64) }
    let settings = Dictionary(
        words.dropFirst(4).map { word in
            let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
            return (parts[0], parts.count > 1 ? parts[1] : "")
        }, uniquingKeysWith: { $1 })
    var options = TransferOptions()
    options.parallelRequests = settings["parallel"].flatMap { Int($0) } ?? options.parallelRequests
    options.multiplexedConnections = settings["connections"].flatMap { Int($0) } ?? options.multiplexedConnections
    options.allowsHTTP2 = settings["http2"] != "0"
    options.certificateAuthorities = settings["ca"]
    let pause = settings["slow"].flatMap { UInt32($0) } ?? 0
    let transfer = try Transfer(mirrors: [words[0]], options: options)
    let count = Int((length + rangeBytes - 1) / rangeBytes)
    let started = seconds()
    try Workers.forEach(count: count, width: options.parallelRequests) { index in
        let first = UInt64(index) * rangeBytes
        let range = first..<min(length, first + rangeBytes)
        try drain(transfer.open(TransferRequest(path: words[1], range: range, objectLength: length)), expecting: range.count, pause: pause)
    }
    let elapsed = seconds() - started
    let statistics = transfer.statistics
    print(
        "seconds=\(elapsed) megabytes_a_second=\(Double(length) / elapsed / 1e6) requests=\(statistics.requests)",
        "connections=\(statistics.connections) failures=\(statistics.mirrors[0].failures) peak_kilobytes=\(peakKilobytes())")
}

func drain(_ stream: TransferStream, expecting count: Int, pause: UInt32) throws {
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 16)
    defer { unsafe piece.deallocate() }
    var total = 0
    while case let got = unsafe try stream.read(into: piece), got > 0 {
        total += got
        if pause > 0 { usleep(pause) }
    }
    guard total == count else {
        print("expected \(count) bytes and got \(total)")
        exit(70)
    }
}

/// Runs until it is ended.
func relay(_ words: [String]) throws {
    guard let port = UInt16(words[0]), let roundTrip = Double(words[1]), let megabits = Double(words[2]), let loss = Double(words[3]) else {
        exit(64)
    }
    let line = LineRelay.Line(roundTrip: roundTrip / 1000, bytesPerSecond: megabits * 125_000, loss: loss / 100)
    let relay = try LineRelay(to: port, line: line)
    print(relay.port)
    fflush(nil)
    while true { sleep(1000) }
}

func seconds() -> Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

func peakKilobytes() -> Int {
    var usage = rusage()
    unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss
}
