import InstarManifest
import InstarPublishing
import InstarTrust
import Testing

struct ChannelsTests {
    private func studio() throws -> Studio {
        let studio = try Studio()
        for version in ["1.0", "1.1", "1.0"] {
            try studio.write("version", "\(version) \(studio)")
            try studio.publish(version)
        }
        return studio
    }

    private func change(_ studio: Studio, _ body: (inout RepositoryTrust) throws -> ChannelDocument) throws -> ChannelDocument {
        var trust = try RepositoryTrust(opening: studio.repository, keys: studio.keys)
        return try body(&trust)
    }

    @Test func `a version means its newest release, a number exactly one`() throws {
        let studio = try studio()
        #expect(try change(studio) { try Channels.set("beta", to: "1.0", in: &$0, now: Studio.now) }.release.sequence == 3)
        #expect(try change(studio) { try Channels.set("beta", to: "#1", in: &$0, now: Studio.now) }.release.sequence == 1)
        #expect(throws: PublishError.self) { try change(studio) { try Channels.set("beta", to: "9", in: &$0, now: Studio.now) } }
        #expect(throws: PublishError.self) { try change(studio) { try Channels.set("../x", to: "1.0", in: &$0, now: Studio.now) } }
    }

    @Test func `promotion takes the release of another channel`() throws {
        let studio = try studio()
        _ = try change(studio) { try Channels.set("beta", to: "1.1", in: &$0, now: Studio.now) }
        let document = try change(studio) { try Channels.promote(from: "beta", to: "stable", share: 0.1, in: &$0, now: Studio.now) }
        #expect(document.release.version == "1.1")
        #expect(document.rollout.share == 0.1)
        #expect(throws: PublishError.self) {
            try change(studio) { try Channels.promote(from: "none", to: "stable", in: &$0, now: Studio.now) }
        }
    }

    @Test func `halt, resume and rollout change nothing else, and are published`() throws {
        let studio = try studio()
        let halted = try change(studio) { try Channels.change("stable", in: &$0, now: Studio.now) { $0.isHalted = true } }
        #expect(halted.isHalted)
        let resumed = try change(studio) { try Channels.change("stable", in: &$0, now: Studio.now) { $0.isHalted = false } }
        var expected = halted
        expected.isHalted = false
        #expect(resumed == expected)
        _ = try change(studio) { try Channels.change("stable", in: &$0, now: Studio.now) { $0.rollout.share = 0.5 } }
        #expect(throws: PublishError.self) {
            try change(studio) { try Channels.change("stable", in: &$0, now: Studio.now) { $0.rollout.share = 2 } }
        }
        let trust = try RepositoryTrust(opening: studio.repository, keys: studio.keys)
        #expect(try Channels.all(in: trust).map(\.rollout.share) == [0.5])
    }
}
