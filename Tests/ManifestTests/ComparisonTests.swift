import InstarCryptography
import InstarManifest
import Testing

struct ComparisonTests {
    /// Applies the definition: every path of either release whose entry is not the same in the other.
    private func expected(_ old: [FileEntry], _ new: [FileEntry]) -> [String] {
        let before = Dictionary(uniqueKeysWithValues: old.map { ($0.path, $0) })
        let after = Dictionary(uniqueKeysWithValues: new.map { ($0.path, $0) })
        return Set(before.keys).union(after.keys).sorted().compactMap { path in
            switch (before[path], after[path]) {
            case (nil, _): "+\(path)"
            case (_, nil): "-\(path)"
            case (let left?, let right?): left == right ? nil : "~\(path)"
            }
        }
    }

    @Test func `a first installation adds every file`() throws {
        var pages = ManifestFixture.Pages()
        let files = try ["a", "b/c", "d"].map { try ManifestFixture.file($0) }
        let manifest = try ManifestFixture.manifest(of: files, into: &pages)
        #expect(try ManifestFixture.changes(from: nil, to: manifest, pages: pages) == ["+a", "+b/c", "+d"])
    }

    @Test func `a release does not differ from itself and no page is read`() throws {
        var pages = ManifestFixture.Pages()
        let manifest = try ManifestFixture.manifest(of: try (0..<5000).map { try ManifestFixture.file("f\($0)") }, into: &pages)
        #expect(try ManifestFixture.changes(from: manifest, to: manifest, pages: pages) == [])
        #expect(pages.reads.value == 0)
    }

    @Test func `only pages that differ are read`() throws {
        var pages = ManifestFixture.Pages()
        var files = try (0..<50_000).map { try ManifestFixture.file("f\($0)") }
        let old = try ManifestFixture.manifest(of: files, into: &pages)
        files[25_000] = try ManifestFixture.file("f25000", seed: "new")
        let new = try ManifestFixture.manifest(of: files, into: &pages)
        let before = pages.reads.value
        #expect(try ManifestFixture.changes(from: old, to: new, pages: pages) == ["~f25000"])
        #expect(pages.reads.value - before <= 8)
    }

    @Test(arguments: 0..<12)
    func `random changes are found exactly, whatever the pages do`(round: Int) throws {
        var generator = SystemRandomNumberGenerator()
        var pages = ManifestFixture.Pages()
        let count = [1, 10, 700, 6000][round % 4]
        var files = try (0..<count).map {
            try ManifestFixture.file("d\($0 % 7)/f\($0)", chunkCount: $0 % 40 == 0 ? 600 : Int.random(in: 0...4, using: &generator))
        }
        let old = files
        for _ in 0..<Int.random(in: 1...20, using: &generator) {
            let index = Int.random(in: 0...files.count, using: &generator)
            switch Int.random(in: 0..<3, using: &generator) {
            case 0:
                files.insert(
                    try ManifestFixture.file("n\(UInt64.random(in: .min ... .max, using: &generator))", chunkCount: 300), at: index)
            case 1 where index < files.count && files.count > 1: files.remove(at: index)
            case _ where index < files.count:
                files[index] = try ManifestFixture.file(files[index].path.description, seed: "\(index)", chunkCount: 200)
            default: break
            }
        }
        let first = try ManifestFixture.manifest(of: old, into: &pages), second = try ManifestFixture.manifest(of: files, into: &pages)
        #expect(try ManifestFixture.changes(from: first, to: second, pages: pages) == expected(old, files))
        #expect(try ManifestFixture.files(of: second, from: pages) == files.sorted { $0.path < $1.path })
    }

    @Test func `a change of pack, kind or module is a change, and a new place in the repository is none`() throws {
        var pages = ManifestFixture.Pages()
        let file = try ManifestFixture.file("a.py")
        var packed = file, executable = file, module = file
        packed.pack = "hd"
        executable.kind = .file(isExecutable: true)
        module.module = ModuleDescription(engine: "python", name: "a")
        let old = try ManifestFixture.manifest(of: [file], into: &pages)
        for changed in [packed, executable, module] {
            let new = try ManifestFixture.manifest(of: [changed], into: &pages)
            #expect(try ManifestFixture.changes(from: old, to: new, pages: pages) == ["~a.py"])
        }
        var moved = file
        moved.chunks[0].start = 4000
        let new = try ManifestFixture.manifest(of: [moved], into: &pages)
        #expect(try ManifestFixture.changes(from: old, to: new, pages: pages) == [])
    }
}
