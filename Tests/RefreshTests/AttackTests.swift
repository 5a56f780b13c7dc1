import InstarRefresh
import InstarTrust
import SystemPackage
import TestSupport
import Testing

@Suite struct AttackTests {
    func reason(_ client: Client, sourceLocation: SourceLocation = #_sourceLocation) -> TrustError.Reason? {
        let error = #expect(throws: RefreshError.self, sourceLocation: sourceLocation) { try client.refresh() }
        guard case .untrusted(let cause)? = error else {
            Issue.record("\(String(describing: error))", sourceLocation: sourceLocation)
            return nil
        }
        return cause.reason
    }

    @Test func `an answer other than missing never ends the chain of roots`() throws {
        for answer in [MetadataAnswer.failure("500"), .tooLarge, .bytes([])] {
            let client = try Client()
            client.simulator.answers["2.root.json"] = answer
            #expect(throws: RefreshError.self) { try client.refresh() }
            #expect(client.simulator.takeRequests() == ["2.root.json"])
        }
    }

    @Test func `a file that exceeds its limit is refused even if the source let it through`() throws {
        let client = try Client()
        client.simulator.files["timestamp.json"]! += [UInt8](repeating: 0x20, count: MetadataLimit.timestamp)
        #expect(reason(client) == .tooLarge)
    }

    @Test func `the listed length bounds what is asked for`() throws {
        let client = try Client()
        client.simulator.listsDigests = true
        client.simulator.publishOnline()
        client.simulator.files["2.snapshot.json"]! += [0x20]
        #expect(reason(client) == .tooLarge)
    }

    @Test func `a replayed timestamp is a rollback`() throws {
        let client = try Client()
        let old = client.simulator.files["timestamp.json"]!
        client.simulator.publish(["timestamp"])
        try client.refresh()
        client.simulator.files["timestamp.json"] = old
        #expect(reason(client) == .rollback)
    }

    @Test func `a new timestamp with an old snapshot is a rollback`() throws {
        let client = try Client()
        client.simulator.publishOnline()
        try client.refresh()
        client.simulator.edit("timestamp", "meta") { $0["snapshot.json"] = ["version": 1] }
        client.simulator.publish(["timestamp"])
        #expect(reason(client) == .rollback)
    }

    @Test func `a root signed by nobody who is trusted is refused`() throws {
        let client = try Client()
        client.simulator.rotateKeys(of: "root")
        client.simulator.publish(["root"])
        #expect(reason(client) == .unsigned)
    }

    @Test func `a root that skips a version is refused`() throws {
        let client = try Client()
        client.simulator.setVersion(2, of: "root")
        client.simulator.publish(["root"])
        client.simulator.files["2.root.json"] = client.simulator.files["3.root.json"]
        #expect(reason(client) == .wrongVersion)
    }

    @Test(arguments: ["root", "timestamp", "snapshot", "targets"]) func `an expired role ends the refresh and says when`(role: String)
        throws
    {
        let client = try Client()
        let yesterday = client.now.advanced(days: -1)
        client.simulator.setExpiry(yesterday, of: role)
        client.simulator.publish(role == "root" ? ["root"] : ["targets", "snapshot", "timestamp"])
        #expect(reason(client) == .expired(at: yesterday, now: client.now))
    }

    @Test func `the instant of expiry is expired`() throws {
        let client = try Client()
        client.now = RepositorySimulator.expiry
        #expect(reason(client) == .expired(at: RepositorySimulator.expiry, now: RepositorySimulator.expiry))
        client.now = UTCTime(secondsSince1970: RepositorySimulator.expiry.secondsSince1970 - 1)
        #expect(throws: Never.self) { try client.refresh() }
    }

    @Test func `a wrong clock is told apart from an expired repository`() throws {
        let client = try Client()
        client.now = client.now.advanced(days: 365)
        client.simulator.serverTime = RepositorySimulator.now
        let error = #expect(throws: RefreshError.self) { try client.refresh() }
        guard case .wrongClock(_, RepositorySimulator.now)? = error else { Issue.record("\(String(describing: error))"); return }
        #expect(error?.description.contains("this computer's clock seems to be wrong") == true)
        // A server whose clock agrees, or that says nothing, leaves it an expired repository.
        client.simulator.serverTime = client.now
        #expect(reason(client) == .expired(at: RepositorySimulator.expiry, now: client.now))
        client.simulator.serverTime = nil
        #expect(reason(client) == .expired(at: RepositorySimulator.expiry, now: client.now))
    }

    @Test func `a role that cannot be fetched ends the search, however many others would have the target`() throws {
        let client = try Client()
        client.simulator.addDelegation(to: "A")
        client.simulator.addDelegation(to: "B")
        client.simulator.addTarget("file", [1], in: "B")
        client.simulator.publish(["A", "B", "targets", "snapshot", "timestamp"])
        client.simulator.files["1.A.json"] = nil
        let repository = try client.refresh()
        #expect(throws: RefreshError.self) { try repository.target("file") }
        #expect(!client.simulator.takeRequests().contains("1.B.json"))
    }

    @Test func `a search visits a bounded number of roles`() throws {
        let client = try Client()
        var previous = "targets"
        for number in 0..<60 {
            client.simulator.addDelegation(from: previous, to: "r\(number)")
            previous = "r\(number)"
        }
        client.simulator.publish((0..<60).map { "r\($0)" } + ["targets", "snapshot", "timestamp"])
        let repository = try client.refresh()
        let error = #expect(throws: RefreshError.self) { try repository.target("file") }
        guard case .untrusted(let cause)? = error, cause.reason == .tooManyRoles else {
            Issue.record("\(String(describing: error))"); return
        }
    }

    @Test func `roots without end are cut off and gone on from`() throws {
        let client = try Client()
        for _ in 0..<(MetadataLimit.rootRotations + 3) { client.simulator.publish(["root"]) }
        #expect(reason(client) == .tooLarge)
        #expect(throws: Never.self) { try client.refresh() }
    }

    @Test func `every refusal says what is not trusted and why`() throws {
        let client = try Client()
        client.simulator.signers["snapshot"] = []
        client.simulator.publishOnline()
        let error = #expect(throws: RefreshError.self) { try client.refresh() }
        #expect(error?.description == "snapshot is not trusted: 0 of its 1 keys signed it, and 1 must")
    }

    @Test func `names from metadata cannot steer a terminal`() throws {
        let client = try Client()
        client.simulator.addDelegation(to: "evil\u{1B}[2J")
        client.simulator.publish(["targets", "snapshot", "timestamp"])
        let repository = try client.refresh()
        let error = #expect(throws: RefreshError.self) { try repository.target("file") }
        #expect(error?.description.contains("\u{1B}") == false)
    }
}
