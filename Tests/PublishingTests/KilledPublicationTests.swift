#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif
import InstarPublishing
import InstarTrust
import SystemPackage
import TestSupport
import Testing

struct KilledPublicationTests {
    /// Publishes in a process of its own that is killed when it comes to `step`.
    private static func publishAndDie(in path: String, at step: Publisher.Progress.Step) throws {
        let repository = FilePath(path).appending("repository")
        var trust = try RepositoryTrust(opening: repository, keys: KeyFolder(KeyFolder.standardPath(for: repository)))
        let request = Publisher.Request(build: FilePath(path).appending("build"), configuration: .init(), version: "2.0")
        let publisher = Publisher { progress in
            if progress.step == step, progress.bytes * 2 > progress.totalBytes { kill(getpid(), SIGKILL) }
        }
        _ = try publisher.publish(request, to: &trust, now: Studio.now)
    }

    @Test func `a publication killed at any step leaves the release before readable, and the next one succeeds`() async throws {
        let studio = try Studio()
        try studio.write("a", noise(500_000, seed: 1))
        let first = try studio.publish("1.0")
        let metadata = try studio.files(in: "metadata")
        try studio.write("a", noise(5_000_000, seed: 2))
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = studio.folder.path.string as String] in
            try Self.publishAndDie(in: path, at: .reading)
        }
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = studio.folder.path.string as String] in
            try Self.publishAndDie(in: path, at: .packing)
        }
        #expect(try studio.files(in: "metadata") == metadata)
        #expect(try studio.rebuild(first)["a"]?.count == 500_000)
        let second = try studio.publish("2.0")
        #expect(second.sequence == 2)
        #expect(try studio.rebuild(second)["a"] == noise(5_000_000, seed: 2))
        #expect(try studio.files(in: "bundles").keys.allSatisfy { !$0.contains("incoming") })
    }
}
