import InstarCryptography
import InstarDisk
import InstarRefresh
import InstarServing
import InstarTrust
import SystemPackage
import TestSupport
import Testing

@Suite struct KillTests {
    /// The system calls that change something on disk.
    static let calls = ["rename", "unlink", "mkdir", "fsync", "write"]

    /// A repository on a real server whose next refresh stores two roots, removes what a revoked key signed, and
    /// stores everything anew.
    func scene() throws -> (client: Client, server: DevelopmentServer, files: TemporaryFolder) {
        let client = try Client()
        try client.refresh()
        client.simulator.rotateKeys(of: "snapshot")
        client.simulator.publish(["root"])
        client.simulator.rotateKeys(of: "root")
        // Signed by the old root key and the new one.
        client.simulator.signers["root"] = client.simulator.signers["root"]! + [oldRootSigner]
        client.simulator.publish(["root", "targets", "snapshot", "timestamp"])
        let files = TemporaryFolder()
        for (name, bytes) in client.simulator.files { try files.write(name, bytes) }
        return (client, try DevelopmentServer(root: files.path, port: 0), files)
    }

    /// The first signer that every simulator makes.
    var oldRootSigner: RepositorySimulator.Signer { RepositorySimulator().signers["root"]![0] }

    @Test(arguments: calls) func `a refresh that is killed at any step is finished by the next`(call: String) throws {
        let (client, server, files) = try scene()
        defer { server.stop() }
        let start = client.folder.path.appending("start")
        try copyTree(client.trust, start)
        let words = ["--now", "\(client.now.secondsSince1970)", "--metadata-url", server.url, "--metadata-dir"]
        let tool = Products.path("instar-tuf").string
        var kills = 0
        // Reads and sockets count among the calls too; beyond the last call of the run nothing is killed.
        for number in 1...400 {
            let folder = client.folder.path.appending("trust-\(number)")
            try copyTree(start, folder)
            let ending = try ChildProcess.run(
                "strace",
                ["-f", "-qq", "-e", "trace=\(call)", "-e", "inject=\(call):signal=KILL:when=\(number)", tool] + words + [
                    folder.string, "refresh",
                ])
            if ending == .exit(0) { break }
            kills += 1
            // Whatever lies there now verifies, and the next run goes on from it.
            try #require(try ChildProcess.run(tool, words + [folder.string, "refresh"]) == .exit(0), "after a kill at \(call) \(number)")
            for role in ["root", "timestamp", "snapshot", "targets"] {
                let stored = try DurableFile.read(folder.appending("\(role).json"), limit: 1 << 20)
                #expect(Digest(of: stored) == Digest(of: client.simulator.file(role)), "\(role) after a kill at \(call) \(number)")
            }
            let names = try folderContents(folder).filter { !$0.hasPrefix(".") }
            #expect(names == ["root.json", "root_history", "snapshot.json", "targets.json", "timestamp.json"])
        }
        #expect(kills > 0, "no \(call) was met")
        withExtendedLifetime(files) {}
    }
}
