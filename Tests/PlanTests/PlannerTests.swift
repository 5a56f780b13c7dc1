import InstarCryptography
import InstarManifest
import InstarPlan
import Testing

@Suite struct PlannerTests {
    let release = ReleaseIdentity(version: "2", sequence: 2, digest: Digest(of: [2]))
    let base = ReleaseIdentity(version: "1", sequence: 1, digest: Digest(of: [1]))

    @Test func `a chunk that a local file holds is copied and not fetched`() throws {
        var planner = Planner()
        planner.want(try entry("new.bin", ["a", "b", "c"]), frames: [frame(at: 0)])
        planner.offer(try entry("old.bin", ["x", "b"]), generation: 7)
        let plan = planner.plan(release: release, base: base, totals: ReleaseTotals(files: 10, bytes: 1000))
        let copy = try #require(plan.copies.first)
        #expect(plan.copies.count == 1)
        #expect(copy.source.description == "old.bin" && copy.sourceOffset == 100 && copy.fileOffset == 100 && copy.generation == 7)
        #expect(plan.pieces.map(\.fileOffset) == [0, 200])
    }

    @Test func `every byte of every wanted file has exactly one source`() throws {
        var planner = Planner()
        let files = [try entry("one", ["a", "b", "c"]), try entry("two", ["b", "d"]), try entry("three", [])]
        for file in files { planner.want(file, frames: [frame(at: 0)]) }
        planner.offer(try entry("old", ["c", "d"]), generation: 1)
        let plan = planner.plan(release: release, base: nil, totals: ReleaseTotals(files: 3, bytes: 500))
        for (index, file) in files.enumerated() {
            let sources =
                plan.pieces.filter { $0.file == UInt32(index) }.map { ($0.fileOffset, UInt64($0.size)) }
                + plan.copies.filter { $0.file == UInt32(index) }.map { ($0.fileOffset, UInt64($0.size)) }
            var reached: UInt64 = 0
            for (offset, size) in sources.sorted(by: { $0.0 < $1.0 }) {
                #expect(offset == reached)
                reached += size
            }
            #expect(reached == file.size)
        }
    }

    @Test func `a chunk wanted in two places is fetched once`() throws {
        var planner = Planner()
        planner.want(try entry("one", ["a"]), frames: [frame(at: 0)])
        planner.want(try entry("two", ["a"]), frames: [frame(at: 0)])
        let plan = planner.plan(release: release, base: nil, totals: ReleaseTotals(files: 2, bytes: 200))
        #expect(plan.fetches.count == 1)
        #expect(plan.fetches[0].frames.count == 1)
        #expect(plan.pieces.map(\.file) == [0, 1])
        #expect(plan.cost.bytesDownloaded == 50)
    }

    @Test func `code is fetched before assets`() throws {
        var planner = Planner(merging: apart)
        planner.want(try entry("asset", ["a"]), frames: [frame(at: 0)])
        planner.want(try entry("code.py", ["b"], module: ModuleDescription(engine: "python", name: "code")), frames: [frame(at: 900_000)])
        let plan = planner.plan(release: release, base: nil, totals: ReleaseTotals(files: 2, bytes: 200))
        #expect(plan.fetches.map(\.range.lowerBound) == [900_000, 0])
    }

    @Test func `the cost adds up what is linked, copied, written and downloaded`() throws {
        var planner = Planner()
        planner.want(try entry("new", ["a", "b"]), frames: [frame(at: 0)])
        planner.offer(try entry("old", ["b"]), generation: 1)
        let cost = planner.plan(release: release, base: base, totals: ReleaseTotals(files: 5, bytes: 1200)).cost
        #expect(cost.filesWritten == 1 && cost.filesLinked == 4)
        #expect(cost.bytesWritten == 200 && cost.bytesLinked == 1000 && cost.bytesCopied == 100 && cost.bytesReused == 1100)
        #expect(cost.bytesDownloaded == 50 && cost.requests == 1 && cost.bytesReadOver == 0)
    }

    @Test func `looking for local content stops to pay when nothing is missing`() throws {
        var planner = Planner()
        planner.want(try entry("new", ["a", "b"]), frames: [frame(at: 0)])
        #expect(planner.bytesMissing == 200)
        planner.offer(try entry("old", ["a", "b"]), generation: 1)
        #expect(planner.bytesMissing == 0)
    }

    @Test func `a resumed plan fetches only the frames that still miss a piece`() throws {
        var planner = Planner(merging: apart)
        planner.want(try entry("one", ["a"]), frames: [frame(at: 0)])
        planner.want(try entry("two", ["b"]), frames: [frame(at: 500_000)])
        let plan = planner.plan(release: release, base: nil, totals: ReleaseTotals(files: 2, bytes: 200))
        let rest = plan.droppingPresent(pieces: { $0.file == 0 }, copies: { _ in false })
        #expect(rest.files == plan.files)
        #expect(rest.fetches.map(\.range.lowerBound) == [500_000])
        #expect(rest.pieces.map(\.file) == [1])
    }

    private var apart: RangeMerging {
        var merging = RangeMerging()
        merging.largestGap = 0
        return merging
    }

    private func entry(_ path: String, _ names: [String], module: ModuleDescription? = nil) throws -> FileEntry {
        // Each named chunk has 100 bytes.
        FileEntry(
            path: try ReleasePath(path), kind: .file(isExecutable: false), size: UInt64(names.count * 100),
            digest: Digest(of: Array(path.utf8)),
            module: module,
            chunks: names.enumerated().map { Chunk(digest: Digest(of: Array($1.utf8)), size: 100, frame: 0, start: UInt32($0 * 100)) })
    }

    private func frame(at offset: UInt64) -> Frame {
        Frame(bundle: Digest(of: [9]), offset: offset, compressedSize: 50, plainSize: 300)
    }
}
