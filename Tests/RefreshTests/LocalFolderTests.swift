import InstarDisk
import InstarRefresh
import InstarTrust
import SystemPackage
import TestSupport
import Testing

@Suite struct LocalFolderTests {
    func write(_ name: String, _ bytes: [UInt8], in client: Client) throws {
        try DurableFile.replace(client.trust.appending(name), with: bytes)
    }

    func read(_ name: String, in client: Client) throws -> [UInt8] {
        try DurableFile.read(client.trust.appending(name), limit: 1 << 20)
    }

    /// Identity and change time of every file: whatever is written shows in them.
    func stamps(_ client: Client) throws -> [String] { try fileStamps(client.trust) }

    @Test func `nothing new writes no file`() throws {
        let client = try Client()
        try client.refresh()
        let before = try stamps(client)
        try client.refresh()
        #expect(try stamps(client) == before)
    }

    @Test func `a failed refresh writes no file`() throws {
        let client = try Client()
        try client.refresh()
        let before = try stamps(client)
        for answer in [MetadataAnswer.failure("broken"), .missing, .tooLarge, .bytes([]), .bytes(Array("{}".utf8))] {
            client.simulator.answers["timestamp.json"] = answer
            #expect(throws: RefreshError.self) { try client.refresh() }
        }
        #expect(try stamps(client) == before)
    }

    @Test func `files are stored byte for byte as they came`() throws {
        let client = try Client()
        client.simulator.files["timestamp.json"]! += Array(" \n".utf8)
        try client.refresh()
        #expect(try read("timestamp.json", in: client) == client.simulator.files["timestamp.json"])
    }

    @Test func `only roles have names that end in json`() throws {
        let client = try Client()
        client.simulator.publish(["root"])
        client.simulator.rotateKeys(of: "timestamp")
        client.simulator.publish(["root", "timestamp"])
        try client.refresh()
        #expect(try folderContents(client.trust) == ["root.json", "root_history", "snapshot.json", "targets.json", "timestamp.json"])
        #expect(try folderContents(client.trust.appending("root_history")) == ["1.root.json", "2.root.json", "3.root.json"])
    }

    @Test(
        arguments: ["timestamp", "snapshot", "targets"],
        [[], Array("{".utf8), Array("{\"signed\":{},\"signatures\":[]}".utf8)] as [[UInt8]])
    func `a damaged file is fetched again`(role: String, damage: [UInt8]) throws {
        let client = try Client()
        try client.refresh()
        let good = try read("\(role).json", in: client)
        try write("\(role).json", damage, in: client)
        try client.refresh()
        #expect(try read("\(role).json", in: client) == good)
    }

    @Test func `a stored file that was forged is not believed`() throws {
        let client = try Client()
        try client.refresh()
        let other = RepositorySimulator()
        other.signers["timestamp"] = [other.newSigner()]
        other.setVersion(1000, of: "timestamp")
        try write("timestamp.json", other.file("timestamp"), in: client)
        try client.refresh()
        #expect(try read("timestamp.json", in: client) == client.simulator.files["timestamp.json"])
    }

    @Test func `a damaged root is recovered from its history`() throws {
        let client = try Client()
        client.simulator.publish(["root"])
        try client.refresh()
        let good = try read("root.json", in: client)
        try write("root.json", [1, 2, 3], in: client)
        _ = client.simulator.takeRequests()
        try client.refresh()
        #expect(try read("root.json", in: client) == good)
        #expect(client.simulator.takeRequests() == ["3.root.json", "timestamp.json"])
    }

    @Test func `a root lost with its history is reported, and the pinned one helps`() throws {
        let client = try Client()
        try client.refresh()
        try removeFile(client.trust.appending("root_history/1.root.json"))
        try write("root.json", [1, 2, 3], in: client)
        _ = client.simulator.takeRequests()
        let error = #expect(throws: RefreshError.self) { try client.refresh() }
        #expect(error?.description.contains("root.json is damaged") == true)
        #expect(client.simulator.takeRequests() == [])
        let refresher = Refresher(folder: client.trust, source: client.simulator, pinnedRoot: client.simulator.files["1.root.json"])
        #expect(throws: Never.self) { try refresher.refresh(now: client.now) }
    }

    @Test func `a root that was stored before a kill is gone on from`() throws {
        let client = try Client()
        try client.refresh()
        client.simulator.publish(["root"])
        // The history has it, root.json does not yet.
        try write("root_history/2.root.json", client.simulator.files["2.root.json"]!, in: client)
        _ = client.simulator.takeRequests()
        try client.refresh()
        #expect(client.simulator.takeRequests() == ["3.root.json", "timestamp.json"])
    }

    @Test func `each root is stored before the next is asked for`() throws {
        let client = try Client()
        client.simulator.publish(["root"])
        client.simulator.publish(["root"])
        client.simulator.answers["3.root.json"] = .failure("cut off")
        #expect(throws: RefreshError.self) { try client.refresh() }
        #expect(try read("root.json", in: client) == client.simulator.files["2.root.json"])
    }

    @Test func `a shipped root of another line replaces the stored one`() throws {
        let client = try Client()
        try client.refresh()
        // The root keys were lost; the publisher began anew.
        let anew = RepositorySimulator()
        for role in ["root", "timestamp", "snapshot", "targets"] { for _ in 0..<4 { _ = anew.newSigner() }; anew.rotateKeys(of: role) }
        anew.signers["root"]!.append(contentsOf: [])
        anew.setVersion(0, of: "root")
        anew.publish(["root", "targets", "snapshot", "timestamp"])
        let root = anew.files["1.root.json"]
        #expect(throws: RefreshError.self) { try Refresher(folder: client.trust, source: anew).refresh(now: client.now) }
        let repository = try Refresher(folder: client.trust, source: anew, pinnedRoot: root).refresh(now: client.now)
        #expect(repository.hasChanged)
        #expect(try read("root.json", in: client) == root)
        // And the next time it is known.
        #expect(try !Refresher(folder: client.trust, source: anew, pinnedRoot: root).refresh(now: client.now).hasChanged)
    }

    @Test func `a shipped root that is older than the stored one changes nothing`() throws {
        let client = try Client()
        client.simulator.publish(["root"])
        try client.refresh()
        let refresher = Refresher(folder: client.trust, source: client.simulator, pinnedRoot: client.simulator.files["1.root.json"])
        #expect(try !refresher.refresh(now: client.now).hasChanged)
        #expect(try read("root.json", in: client) == client.simulator.files["2.root.json"])
    }

    @Test func `files signed by revoked keys are removed even after a kill`() throws {
        let client = try Client()
        try client.refresh()
        client.simulator.rotateKeys(of: "timestamp")
        client.simulator.publish(["root"])
        // Killed after the root was stored and before the files were removed.
        client.simulator.answers["3.root.json"] = .failure("killed")
        #expect(throws: RefreshError.self) { try client.refresh() }
        #expect(try folderContents(client.trust).contains("timestamp.json"))
        client.simulator.answers = ["timestamp.json": .failure("cut off")]
        #expect(throws: RefreshError.self) { try client.refresh() }
        #expect(try folderContents(client.trust) == ["root.json", "root_history", "targets.json"])
    }

    @Test func `adding a key removes nothing`() throws {
        let client = try Client()
        try client.refresh()
        client.simulator.addKey(to: "timestamp")
        client.simulator.publish(["root"])
        client.simulator.answers["timestamp.json"] = .failure("cut off")
        #expect(throws: RefreshError.self) { try client.refresh() }
        #expect(try folderContents(client.trust).contains("timestamp.json"))
    }

    @Test func `a slow process does not undo what a fast one stored`() throws {
        let client = try Client()
        try client.refresh()
        client.simulator.publishOnline()
        // While this client holds version 2 of the timestamp, another one stores version 3.
        let old = client.simulator.files["timestamp.json"]!
        client.simulator.publishOnline()
        let racer = Racer(simulator: client.simulator, old: old) { try client.refresh() }
        let repository = try Refresher(folder: client.trust, source: racer).refresh(now: client.now)
        #expect(racer.hasRaced)
        #expect(try read("timestamp.json", in: client) == client.simulator.files["timestamp.json"])
        #expect(try repository.target("none") == nil)
    }

    @Test func `eight clients on one folder all succeed and leave it whole`() async throws {
        let simulator = RepositorySimulator()
        let client = try Client(simulator)
        let folder = TemporaryFolder()
        for (name, bytes) in simulator.files { try folder.write(name, bytes) }
        let (trust, now, source) = (client.trust, client.now, FolderMetadataSource(folder.path))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { for _ in 0..<5 { _ = try Refresher(folder: trust, source: source).refresh(now: now) } } }
            try await group.waitForAll()
        }
        #expect(try folderContents(trust) == ["root.json", "root_history", "snapshot.json", "targets.json", "timestamp.json"])
    }
}

/// Answers an old timestamp once, after letting another client go first.
final class Racer: MetadataSource {
    private let simulator: RepositorySimulator
    private let old: [UInt8]
    private let other: () throws -> Void
    private(set) var hasRaced = false

    init(simulator: RepositorySimulator, old: [UInt8], other: @escaping () throws -> Void) {
        (self.simulator, self.old, self.other) = (simulator, old, other)
    }

    func fetch(_ name: String, limit: Int) -> MetadataAnswer {
        guard name == "timestamp.json", !hasRaced else { return simulator.fetch(name, limit: limit) }
        hasRaced = true
        do { try other() } catch { return .failure("\(error)") }
        return .bytes(old)
    }
}
