import InstarContent
import InstarCryptography
import InstarManifest
import Testing

/// What a one-file update of a very large release costs in metadata. Run it with `-c release` for figures that mean something:
/// without optimization a tenth of the size has to do.
struct ManifestCostTests {
    #if DEBUG
        static let fileCount = 10_000
    #else
        static let fileCount = 100_000
    #endif

    /// Ten chunks a file, as names in a real game: folders of some hundred files.
    private func files() throws -> [FileEntry] {
        try (0..<Self.fileCount).map { number in
            let path = "data/region\(number / 5000)/cell\(number / 200)/object_\(number).mesh"
            return try ManifestFixture.file(path, chunkCount: number % 19 + 1)
        }
    }

    @Test func `a one-file update of a million chunks fetches less than 64 KB of manifest and compares in a blink`() throws {
        var files = try files()
        var pages = ManifestFixture.Pages()
        let old = try ManifestFixture.manifest(of: files, into: &pages)
        let changed = files.count / 2
        files[changed] = try ManifestFixture.file(files[changed].path.description, seed: "new", chunkCount: 10)
        let known = pages.pages
        let new = try ManifestFixture.manifest(of: files, into: &pages, sequence: 2)

        var encoder = try FrameEncoder(level: 12)
        var fetched = new.encoded().count
        var local = known
        let clock = ContinuousClock()
        var rounds = 0
        let finding = try clock.measure {
            while case let missing = try new.missingPages(in: local), !missing.isEmpty {
                rounds += 1
                for page in missing {
                    let bytes = pages.pages[page.digest] ?? []
                    fetched += try encoder.encode(bytes).count
                    local[page.digest] = bytes
                }
            }
        }
        var changes: [String] = []
        let comparing = try clock.measure { changes = try ManifestFixture.changes(from: old, to: new, pages: local) }
        var count = 0
        let walking = try clock.measure {
            var cursor = try new.pages(from: local)
            while let page = try cursor.next() { count += page.files.count }
        }
        #expect(changes.count == 1)
        #expect(count == files.count)
        #expect(rounds <= 3)
        #expect(fetched < 64 << 10, "\(fetched) bytes")
        print(
            "manifest cost: \(new.totals.files) files, \(new.totals.chunks) chunks, \(new.totals.pages) pages of",
            "\(pages.pages.values.reduce(0) { $0 + $1.count } / pages.pages.count) bytes; update fetches \(fetched) bytes in \(rounds) rounds;",
            "finding pages \(finding), comparing \(comparing), walking all \(walking)")
    }
}
