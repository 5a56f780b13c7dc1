import InstarCryptography
import InstarManifest
import Testing

struct PageTreeTests {
    private func manyFiles(_ count: Int, chunks: Int = 3) throws -> [FileEntry] {
        try (0..<count).map { try ManifestFixture.file("data/\($0 % 17)/file\($0).bin", chunkCount: chunks) }
    }

    @Test func `a small release is one page inside its manifest`() throws {
        var pages = ManifestFixture.Pages()
        let files = try [
            ManifestFixture.file("a.py", module: ModuleDescription(engine: "python", name: "a")),
            ManifestFixture.file("b/c.txt", chunkCount: 4),
            ManifestFixture.file("empty", chunkCount: 0),
        ]
        let manifest = try ManifestFixture.manifest(of: files, into: &pages)
        #expect(pages.pages.isEmpty)
        #expect(try ManifestFixture.files(of: manifest, from: pages) == files)
        #expect(manifest.totals == Manifest.Totals(files: 3, chunks: 5, size: files.reduce(0) { $0 + $1.size }, pages: 1))
    }

    @Test func `every kind of entry survives encoding`() throws {
        var pages = ManifestFixture.Pages()
        var packed = try ManifestFixture.file("hd/texture", chunkCount: 2)
        packed.pack = "hd"
        var executable = try ManifestFixture.file("run")
        executable.kind = .file(isExecutable: true)
        var sparse = try ManifestFixture.file("sparse", chunkCount: 2)
        sparse.chunks.insert(Chunk(holeOf: 1 << 30), at: 1)
        sparse.size += 1 << 30
        let link = FileEntry(
            path: try ReleasePath("lib/link"), kind: .symbolicLink(target: "../run"), size: 0, digest: .ofNothing, chunks: [])
        let folder = FileEntry(path: try ReleasePath("saves"), kind: .emptyDirectory, size: 0, digest: .ofNothing, chunks: [])
        let restart = try ManifestFixture.file("z.py", module: ModuleDescription(engine: "python", name: "z", needsRestart: true))
        let files = [packed, executable, sparse, link, folder, restart].sorted { $0.path < $1.path }
        let manifest = try ManifestFixture.manifest(of: files, into: &pages)
        #expect(try ManifestFixture.files(of: manifest, from: pages) == files)
    }

    @Test func `a large release is a tree of small pages that gives all files back`() throws {
        var pages = ManifestFixture.Pages()
        let files = try manyFiles(20_000).sorted { $0.path < $1.path }
        let manifest = try ManifestFixture.manifest(of: files, into: &pages)
        #expect(pages.pages.count > 50)
        #expect(pages.pages.values.allSatisfy { $0.count <= PageLimits.maximumBytes })
        #expect(manifest.encoded().count < 20_000)
        #expect(manifest.totals.pages == UInt64(pages.pages.count + 1))
        #expect(try ManifestFixture.files(of: manifest, from: pages) == files)
    }

    @Test func `a file of many chunks spans pages and is whole again when read`() throws {
        var pages = ManifestFixture.Pages()
        let files = try [
            ManifestFixture.file("a"), ManifestFixture.file("big", chunkCount: 10_000), ManifestFixture.file("big2", chunkCount: 5_000),
            ManifestFixture.file("c"),
        ]
        let manifest = try ManifestFixture.manifest(of: files, into: &pages)
        #expect(pages.pages.count > 10)
        #expect(try ManifestFixture.files(of: manifest, from: pages) == files)
    }

    @Test func `changing one file changes one page of each level`() throws {
        var pages = ManifestFixture.Pages()
        var files = try manyFiles(20_000)
        let first = try ManifestFixture.manifest(of: files, into: &pages)
        let before = Set(pages.pages.keys)
        files[777] = try ManifestFixture.file(files[777].path.description, seed: "new", chunkCount: 3)
        let second = try ManifestFixture.manifest(of: files, into: &pages, sequence: 2)
        #expect(pages.pages.count - before.count <= 3)
        #expect(try ManifestFixture.changes(from: first, to: second, pages: pages) == ["~\(files[777].path)"])
    }

    @Test func `an insertion into a file of many chunks changes few pages`() throws {
        var pages = ManifestFixture.Pages()
        var big = try ManifestFixture.file("big", chunkCount: 20_000)
        let first = try ManifestFixture.manifest(of: [big], into: &pages)
        let before = pages.pages.count
        big.chunks.insert(try ManifestFixture.file("other").chunks[0], at: 9_000)
        big.size += 100
        let second = try ManifestFixture.manifest(of: [big], into: &pages, sequence: 2)
        #expect(pages.pages.count - before <= 5)
        #expect(try ManifestFixture.changes(from: first, to: second, pages: pages) == ["~big"])
    }

    @Test func `the same files give the same bytes`() throws {
        let files = try manyFiles(3_000)
        var one = ManifestFixture.Pages(), two = ManifestFixture.Pages()
        #expect(
            try ManifestFixture.manifest(of: files, into: &one).encoded()
                == ManifestFixture.manifest(of: files.reversed(), into: &two).encoded())
        #expect(one.pages == two.pages)
    }

    @Test func `missing pages are named level by level until all are there`() throws {
        var repository = ManifestFixture.Pages()
        let manifest = try ManifestFixture.manifest(of: try manyFiles(20_000, chunks: 20), into: &repository)
        var local: [Digest: [UInt8]] = [:]
        var rounds = 0
        while true {
            let missing = try manifest.missingPages(in: local)
            if missing.isEmpty { break }
            rounds += 1
            for page in missing { local[page.digest] = repository.pages[page.digest] }
        }
        #expect(rounds == 2, "one round for each level below the root")
        #expect(local == repository.pages)
    }
}
