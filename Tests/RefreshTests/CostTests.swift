#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif
import InstarRefresh
import InstarServing
import InstarTransfer
import InstarTrust
import Synchronization
import SystemPackage
import TestSupport
import Testing

@Suite struct CostTests {
    /// Processor time of this thread so far, in seconds.
    var processorTime: Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    @Test func `a refresh with nothing new costs little processor time`() throws {
        let client = try Client()
        client.simulator.listsDigests = true
        for number in 0..<100 { client.simulator.addTarget("releases/1.0.\(number)-\(number).manifest", [UInt8(number)]) }
        client.simulator.publishOnline()
        try client.refresh()
        // The best of several: the machine's other work is not ours.
        let best = try (0..<20).map { _ in
            let start = processorTime
            try client.refresh()
            return processorTime - start
        }.min()!
        print("refresh with nothing new, 100 targets: \(best * 1000) ms of processor time")
        // A busy machine must not fail a test: this only shows that nothing is out of proportion. The figures are printed.
        #expect(best < 0.050)
    }

    @Test func `a refresh with nothing new is two requests on one connection`() throws {
        let client = try Client()
        let files = TemporaryFolder()
        for (name, bytes) in client.simulator.files { try files.write("metadata/\(name)", bytes) }
        let requests = Mutex(0)
        let server = try DevelopmentServer(root: files.path, port: 0) { _ in requests.withLock { $0 += 1 } }
        defer { server.stop() }
        let transfer = try Transfer(mirrors: [server.url])
        defer { transfer.stop() }
        let refresher = Refresher(folder: client.trust, source: TransferMetadataSource(transfer, folder: "metadata"))
        #expect(try refresher.refresh(now: client.now).hasChanged)
        let before = (requests.withLock { $0 }, transfer.statistics.requests)
        #expect(try !refresher.refresh(now: client.now).hasChanged)
        #expect(requests.withLock { $0 } == before.0 + 2)
        #expect(transfer.statistics.requests == before.1 + 2)
        #expect(transfer.statistics.connections <= 1)
    }
}
