import InstarServing
import InstarThreads
import InstarTransfer
import Synchronization
import TestSupport
import Testing

/// Everything at once: several mirrors that fail in every way, threads that read, reject, cancel, pause and change the rate.
@Suite struct StressTests {
    private let object = sample(2_000_000)

    /// A server that does something wrong in most of its answers; which, depends on the request's number.
    private func unreliable(_ seed: UInt64) throws -> FaultyServer {
        let object = object
        return try FaultyServer { request in
            var random = Stepper(state: seed &+ UInt64(request.index))
            let first = Int(request.range?.first ?? 0)
            let end = Int(request.range?.last ?? UInt64(object.count - 1)) + 1
            let head = FaultyServer.Step.head(
                206, ["Content-Range: bytes \(first)-\(end - 1)/\(object.count)", "Content-Length: \(end - first)", "ETag: \"1\""])
            let cut = first + (end - first) / 2
            switch random.next() % 8 {
            case 0: return [.reset]
            case 1: return [head, .send(Array(object[first..<cut])), .reset]
            case 2: return [head, .send(Array(object[first..<cut])), .silence]
            case 3: return [head, .send(object[first..<end].map { $0 ^ 1 })]
            case 4: return [.head(503, ["Content-Length: 0"])]
            case 5: return [head, .send(Array(object[first..<cut])), .close]
            default: return FaultyServer.honest(request, object)
            }
        }
    }

    @Test func `every byte is right in the end, whatever the servers and the caller do`() throws {
        let object = object
        let servers = [try unreliable(1), try unreliable(1 << 32), try FaultyServer { FaultyServer.honest($0, object) }]
        // The optimiser ends a life at its last mention, and a server with it.
        defer { withExtendedLifetime(servers) {} }
        let transfer = try Transfer(mirrors: servers.map(\.url), options: quick { $0.parallelRequests = 6 })
        let isDone = Atomic(false)
        let disturber = OSThread(name: "disturb") {
            while !isDone.load(ordering: .relaxed) {
                transfer.pause()
                transfer.resume()
                transfer.limitRate(50_000_000)
                _ = transfer.statistics
                transfer.limitRate(nil)
                let now = monotonicSeconds()
                _ = eventually { monotonicSeconds() - now > 0.01 }
            }
        }
        defer {
            isDone.store(true, ordering: .relaxed)
            disturber.join()
        }
        try Workers.forEach(count: 120, width: 8) { index in
            var random = Stepper(state: UInt64(index))
            let first = Int(random.next() % 1_900_000)
            let end = first + 1 + Int(random.next() % 100_000)
            let request = TransferRequest(path: "o", range: UInt64(first)..<UInt64(end), objectLength: UInt64(object.count))
            if index % 10 == 9 { return transfer.open(request).cancel() }
            let bytes = try readVerifying(transfer.open(request), against: object[first..<end])
            #expect(bytes == end - first)
        }
        #expect(eventually { transfer.statistics.running == 0 })
    }

    /// Reads in pieces, checks each and rejects it where it is wrong, as a consumer of chunks does.
    private func readVerifying(_ stream: TransferStream, against expected: ArraySlice<UInt8>) throws -> Int {
        var position = expected.startIndex
        while position < expected.endIndex {
            let bytes = try stream.readBytes(min(10_000, expected.endIndex - position))
            guard !bytes.isEmpty else { break }
            if bytes.elementsEqual(expected[position..<position + bytes.count]) {
                position += bytes.count
            } else {
                stream.rejectBytes(from: UInt64(position))
            }
        }
        return position - expected.startIndex
    }
}
