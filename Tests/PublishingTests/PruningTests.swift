import InstarManifest
import InstarPublishing
import InstarTrust
import TestSupport
import Testing

struct PruningTests {
    private func prune(_ studio: Studio, keep: Int, isDryRun: Bool = false) throws -> Pruner.Outcome {
        var trust = try RepositoryTrust(opening: studio.repository, keys: studio.keys)
        return try Pruner(keep: keep, isDryRun: isDryRun).prune(&trust, now: Studio.now)
    }

    /// Four releases, each with a file of its own beside one that all share.
    private func studio() throws -> (Studio, [Publication]) {
        let studio = try Studio()
        try studio.write("shared", noise(200_000, seed: 1))
        let publications = try (1...4).map { number in
            try studio.write("own", noise(100_000, seed: UInt64(number * 100)))
            return try studio.publish("\(number).0")
        }
        return (studio, publications)
    }

    @Test func `old releases go, and all that is kept stays readable`() throws {
        let (studio, publications) = try studio()
        let before = try studio.files(in: "bundles").count
        let outcome = try prune(studio, keep: 2)
        #expect(outcome.removed.map(\.version) == ["1.0", "2.0"])
        #expect(outcome.kept.map(\.version) == ["3.0", "4.0"])
        #expect(try studio.rebuild(publications[2]).count == 2)
        #expect(try studio.rebuild(publications[3]).count == 2)
        #expect(throws: (any Error).self) { try studio.rebuild(publications[0]) }
        #expect(try studio.files(in: "bundles").count == before - 1, "the first bundle holds the shared file")
        #expect(try studio.files(in: "targets").keys.filter { $0.contains("stable") }.count == 1, "old channel documents go")
    }

    @Test func `what a channel points to stays, and a dry run removes nothing`() throws {
        let (studio, publications) = try studio()
        do {
            var trust = try RepositoryTrust(opening: studio.repository, keys: studio.keys)
            try Channels.set("legacy", to: "1.0", in: &trust, now: Studio.now)
        }
        let before = try studio.files(in: "bundles")
        #expect(try prune(studio, keep: 1, isDryRun: true).removed.map(\.version) == ["2.0", "3.0"])
        #expect(try studio.files(in: "bundles") == before)
        #expect(try prune(studio, keep: 1).removed.map(\.version) == ["2.0", "3.0"])
        #expect(try studio.rebuild(publications[0]).count == 2)
    }

    @Test func `sequence numbers go on after pruning`() throws {
        let (studio, _) = try studio()
        _ = try prune(studio, keep: 0)
        #expect(try studio.publish("5.0").sequence == 5)
    }

    @Test func `files that nothing refers to go`() throws {
        let (studio, _) = try studio()
        let name = String(repeating: "ab", count: 32)
        try studio.folder.write("repository/bundles/ab/\(name).bundle", "left over")
        try studio.folder.write("repository/bundles/README", "mine")
        let outcome = try prune(studio, keep: 10)
        #expect(outcome.removed.isEmpty)
        let left = try studio.files(in: "bundles").keys
        #expect(!left.contains("ab/\(name).bundle"))
        #expect(left.contains("README"), "a file that Instar did not write is left alone")
    }
}

extension TemporaryFolder {
    func write(_ name: String, _ text: String) throws { try write(name, Array(text.utf8)) }
}
