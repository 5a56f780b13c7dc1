import InstarCryptography
import InstarManifest
import InstarPlan
import Testing

@Suite struct DeltaChoiceTests {
    let release = ReleaseIdentity(version: "2", sequence: 2, digest: Digest(of: [2]))

    @Test func `a delta that saves bytes takes the place of the frames that hold its chunks`() throws {
        let plan = try plan(wanting: ["a", "b"], offering: [delta(["a", "b"], bytes: 60)])
        #expect(plan.fetches.count == 1)
        let frame = try #require(plan.fetches[0].frames.first)
        #expect(plan.fetches[0].bundle == Digest(of: [8]) && frame.plainSize == 2000)
        #expect(plan.prefixes[try #require(frame.prefix)].map(\.source.description) == ["old"])
        #expect(plan.pieces.map(\.start) == [0, 1000])
        #expect(plan.cost.bytesOfDeltas == 60 && plan.cost.bytesFromDeltas == 2000 && plan.cost.bytesDownloaded == 60)
    }

    @Test func `a delta that saves nothing is left, and so is one for what is on this machine`() throws {
        let dear = try plan(wanting: ["a"], offering: [delta(["a"], bytes: 190)])
        #expect(dear.fetches.flatMap(\.frames).allSatisfy { $0.prefix == nil } && dear.prefixes.isEmpty)
        let idle = try plan(wanting: ["a"], offering: [delta(["a"], bytes: 20)], local: ["a"])
        #expect(idle.fetches.isEmpty && idle.copies.count == 1)
    }

    @Test func `a large delta is not taken for one of its many chunks`() throws {
        let plan = try plan(wanting: ["a"], offering: [delta(["a", "b", "c", "d"], bytes: 250)])
        #expect(plan.cost.bytesOfDeltas == 0)
        #expect(plan.cost.bytesDownloaded == 400, "the frame of the manifest")
    }

    @Test func `of two deltas with the same chunks one is taken`() throws {
        let plan = try plan(wanting: ["a", "b"], offering: [delta(["a", "b"], bytes: 60), delta(["b", "a"], bytes: 50)])
        #expect(plan.cost.bytesOfDeltas == 60)
        #expect(plan.pieces.count == 2)
    }

    @Test func `pieces of a refused delta come from the frames of the manifest`() throws {
        let plan = try plan(wanting: ["a", "b"], offering: [delta(["b", "a"], bytes: 60)])
        let (fetches, pieces) = plan.fetches(replacing: plan.pieces)
        #expect(fetches.map(\.bundle) == [Digest(of: [9])])
        #expect(fetches[0].frames.allSatisfy { $0.prefix == nil })
        #expect(pieces.map(\.start) == [0, 1000] && pieces.map(\.fileOffset) == [0, 1000])
    }

    @Test func `a resumed plan keeps the prefix of what is still to come`() throws {
        let plan = try plan(wanting: ["a", "b"], offering: [delta(["a", "b"], bytes: 60)])
        let rest = plan.droppingPresent { $0.fileOffset == 0 }
        #expect(rest.pieces.map(\.start) == [1000])
        #expect(rest.fetches[0].frames[0].prefix == plan.fetches[0].frames[0].prefix)
        #expect(rest.prefixes == plan.prefixes)
    }

    @Test func `a delta whose sizes contradict each other, or that needs too much, is no offer`() throws {
        let one = OfferedDelta.Content(digest: Digest(of: [1]), size: 10)
        let frame = Frame(bundle: Digest(of: [8]), offset: 0, compressedSize: 5, plainSize: 20)
        #expect(OfferedDelta(frame: frame, chunks: [one], prefix: [], maximumPrefix: 100) == nil)
        #expect(OfferedDelta(frame: frame, chunks: [one, one], prefix: [], maximumPrefix: 100) != nil)
        #expect(OfferedDelta(frame: frame, chunks: [one, one], prefix: [try prefix(101)], maximumPrefix: 100) == nil)
    }

    @Test func `a large download is cut into few ranges`() {
        let frames = (0..<200).map { index in
            WantedFrame(
                frame: Frame(bundle: Digest(of: [1]), offset: UInt64(index) << 20, compressedSize: 1 << 20, plainSize: 1 << 20),
                pieces: 0..<0)
        }
        #expect((8...10).contains(RangeMerging().fetches(of: frames).count))
        #expect(RangeMerging().fetches(of: Array(frames.prefix(12))).count == 6, "whole frames, about an eighth of it each")
    }

    /// A file of the named chunks of 1000 bytes, each of which costs 200 bytes in the manifest's frame of two.
    private func plan(wanting names: [String], offering deltas: [OfferedDelta], local: [String] = []) throws -> Plan {
        var planner = Planner()
        let frame = Frame(bundle: Digest(of: [9]), offset: 0, compressedSize: 400, plainSize: 2000)
        planner.want(try entry("new", names), frames: [frame])
        planner.offer(try entry("old", local), generation: 1)
        for delta in deltas { planner.offer(delta) }
        return planner.plan(release: release, base: nil, totals: ReleaseTotals(files: 1, bytes: 2000))
    }

    private func entry(_ path: String, _ names: [String]) throws -> FileEntry {
        FileEntry(
            path: try ReleasePath(path), kind: .file(isExecutable: false), size: UInt64(names.count * 1000),
            digest: Digest(of: Array(path.utf8)),
            chunks: names.enumerated().map { Chunk(digest: Digest(of: Array($1.utf8)), size: 1000, frame: 0, start: UInt32($0 * 1000)) })
    }

    private func delta(_ names: [String], bytes: UInt32) throws -> OfferedDelta {
        let frame = Frame(bundle: Digest(of: [8]), offset: 100, compressedSize: bytes, plainSize: UInt32(names.count * 1000))
        return try #require(
            OfferedDelta(
                frame: frame, chunks: names.map { .init(digest: Digest(of: Array($0.utf8)), size: 1000) }, prefix: [try prefix(50)],
                maximumPrefix: 1000))
    }

    private func prefix(_ size: UInt32) throws -> PrefixPart {
        PrefixPart(digest: Digest(of: [5]), size: size, generation: 1, source: try ReleasePath("old"), sourceOffset: 0)
    }
}
