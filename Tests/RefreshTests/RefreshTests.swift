import InstarRefresh
import InstarTrust
import SystemPackage
import TestSupport
import Testing

/// A simulated repository, a client's folder, and the client that joins them.
final class Client {
    let simulator: RepositorySimulator
    let folder: TemporaryFolder
    var now = RepositorySimulator.now

    init(_ simulator: RepositorySimulator = RepositorySimulator()) throws {
        self.simulator = simulator
        folder = TemporaryFolder()
        try TrustFolder(trust).begin(with: simulator.files["1.root.json"]!)
        _ = simulator.takeRequests()
    }

    var trust: FilePath { folder.path.appending("trust") }

    var refresher: Refresher<RepositorySimulator> { Refresher(folder: trust, source: simulator) }

    @discardableResult
    func refresh() throws -> TrustedRepository<RepositorySimulator> { try refresher.refresh(now: now) }
}

@Suite struct RefreshTests {
    @Test func `a first refresh asks in the order of the workflow`() throws {
        let client = try Client()
        let repository = try client.refresh()
        #expect(repository.hasChanged)
        #expect(client.simulator.takeRequests() == ["2.root.json", "timestamp.json", "1.snapshot.json", "1.targets.json"])
    }

    @Test func `nothing new costs two requests`() throws {
        let client = try Client()
        try client.refresh()
        _ = client.simulator.takeRequests()
        #expect(try !client.refresh().hasChanged)
        #expect(client.simulator.takeRequests() == ["2.root.json", "timestamp.json"])
    }

    @Test func `a target is found with its digest`() throws {
        let client = try Client()
        client.simulator.addTarget("channels/stable.json", [1, 2, 3])
        client.simulator.publishOnline()
        let target = try #require(try client.refresh().target("channels/stable.json"))
        #expect(throws: Never.self) { try target.verify([1, 2, 3]) }
        #expect(throws: TrustError.self) { try target.verify([1, 2, 4]) }
        #expect(throws: TrustError.self) { try target.verify([1, 2, 3, 4]) }
        #expect(throws: TrustError.self) { try target.verify([1, 2]) }
        #expect(target.urlPath == "channels/039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81.stable.json")
    }
}
