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
        #expect(plan.sources == [LocalFile(generation: 7, path: try ReleasePath("old.bin"))] && copy.source == 0)
        #expect(copy.sourceOffset == 100 && copy.fileOffset == 100 && copy.size == 100)
        #expect(plan.copiedChunks[copy.chunks].map(\.digest) == [Digest(of: Array("b".utf8))])
        #expect(plan.pieces.map(\.fileOffset) == [0, 200])
    }

    @Test func `chunks that lie one after the other here and there are one copy`() throws {
        var planner = Planner()
        planner.want(try entry("new.bin", ["new", "a", "b", "c", "e", "d", "a"]), frames: [frame(at: 0)])
        planner.offer(try entry("old.bin", ["a", "b", "c", "d", "e"]), generation: 7)
        let plan = planner.plan(release: release, base: base, totals: ReleaseTotals(files: 1, bytes: 700))
        #expect(plan.copies.map(\.sourceOffset) == [0, 0, 300, 400])
        #expect(plan.copies.map(\.fileOffset) == [100, 600, 500, 400])
        #expect(plan.copies.map(\.size) == [300, 100, 100, 100])
        #expect(plan.copies.map { plan.copiedChunks[$0.chunks].reduce(0) { $0 + UInt64($1.size) } } == plan.copies.map(\.size))
    }

    @Test func `a file whose chunks come in parts is planned like one whose chunks come at once`() throws {
        let (new, old) = (try entry("new.bin", ["a", "b", "c", "d"]), try entry("old.bin", ["x", "c", "b"]))
        var (whole, parts) = (Planner(), Planner())
        whole.want(new, frames: [frame(at: 0)])
        whole.offer(old, generation: 7)
        var (first, offer) = (new, LocalOffer(generation: 7, path: old.path))
        first.chunks = [new.chunks[0]]
        parts.want(first, frames: [frame(at: 0)])
        parts.wantMore(Array(new.chunks[1...]), at: 100, frames: [frame(at: 0)])
        parts.offer([old.chunks[0]], of: &offer)
        parts.offer(Array(old.chunks[1...]), of: &offer)
        let totals = ReleaseTotals(files: 1, bytes: 400)
        let (one, other) = (
            whole.plan(release: release, base: base, totals: totals), parts.plan(release: release, base: base, totals: totals)
        )
        #expect(one.files == other.files && one.copies == other.copies && one.copiedChunks == other.copiedChunks)
        #expect(one.pieces == other.pieces && one.fetches == other.fetches && one.cost == other.cost)
    }

    @Test func `a local file that is no longer there is asked for once and not used`() throws {
        var planner = Planner()
        planner.want(try entry("new.bin", ["a", "b"]), frames: [frame(at: 0)])
        var asked = 0
        planner.offer(try entry("old.bin", ["a", "b"]), generation: 7) {
            asked += 1
            return false
        }
        let plan = planner.plan(release: release, base: base, totals: ReleaseTotals(files: 1, bytes: 200))
        #expect(asked == 1 && plan.copies.isEmpty && plan.sources.isEmpty && plan.pieces.count == 2)
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
                + plan.copies.filter { $0.file == UInt32(index) }.map { ($0.fileOffset, $0.size) }
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
        let rest = plan.droppingPresent { $0.file == 0 }
        #expect(rest.files == plan.files)
        #expect(rest.fetches.map(\.range.lowerBound) == [500_000])
        #expect(rest.pieces.map(\.file) == [1])
    }

    @Test func `a resumed plan copies only the chunks that are not there`() throws {
        var planner = Planner()
        planner.want(try entry("new", ["a", "b", "c", "d", "e"]), frames: [frame(at: 0)])
        planner.offer(try entry("old", ["a", "b", "c", "d", "e"]), generation: 1)
        let plan = planner.plan(release: release, base: nil, totals: ReleaseTotals(files: 1, bytes: 500))
        #expect(plan.copies.count == 1)
        let rest = plan.droppingPresent { $0.fileOffset == 200 || $0.fileOffset == 400 }
        #expect(rest.copies.map(\.fileOffset) == [0, 300] && rest.copies.map(\.sourceOffset) == [0, 300])
        #expect(rest.copies.map(\.size) == [200, 100] && rest.copies.map(\.chunks) == [0..<2, 3..<4])
        #expect(plan.pieces(replacing: [3], of: rest.copies[1]).map(\.fileOffset) == [300])
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
