import InstarCryptography
import InstarManifest
import Testing

/// What a careless or hostile publisher, or a damaged disk, can put before a client.
struct HostileManifestTests {
    /// Reads all of a manifest in every way a client does; true where nothing was refused.
    private func readAll(_ bytes: [UInt8], _ pages: [Digest: [UInt8]]) -> Bool {
        do {
            let manifest = try Manifest(decoding: bytes)
            _ = try manifest.missingPages(in: pages)
            _ = try ManifestFixture.changes(from: nil, to: manifest, pages: pages)
            _ = try ManifestFixture.files(of: manifest, from: pages)
            return true
        } catch {
            _ = "\(error)"
            return false
        }
    }

    private func sample() throws -> (Manifest, ManifestFixture.Pages) {
        var pages = ManifestFixture.Pages()
        var files = try (0..<60).map { try ManifestFixture.file("d\($0 % 5)/f\($0)", chunkCount: $0 % 4) }
        files.append(
            FileEntry(path: try ReleasePath("link"), kind: .symbolicLink(target: "d1/f1"), size: 0, digest: .ofNothing, chunks: []))
        files.append(try ManifestFixture.file("m.py", module: ModuleDescription(engine: "python", name: "m", needsRestart: true)))
        files[3].pack = "hd"
        return (try ManifestFixture.manifest(of: files, into: &pages), pages)
    }

    @Test func `random damage never traps, and never passes for another release without its digest telling`() throws {
        let (manifest, pages) = try sample()
        let bytes = manifest.encoded()
        #expect(readAll(bytes, pages.pages))
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<4000 {
            var damaged = bytes
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: damaged.removeLast(Int.random(in: 1...bytes.count, using: &generator))
            case 1:
                damaged.insert(UInt8.random(in: .min ... .max, using: &generator), at: Int.random(in: 0...bytes.count, using: &generator))
            default:
                for _ in 0..<Int.random(in: 1...3, using: &generator) {
                    damaged[Int.random(in: damaged.indices, using: &generator)] = UInt8.random(in: .min ... .max, using: &generator)
                }
            }
            if readAll(damaged, pages.pages), damaged != bytes {
                #expect(try Manifest(decoding: damaged).identity.digest != manifest.identity.digest)
            }
        }
    }

    @Test func `pages with other bytes than their name says are refused`() throws {
        var pages = ManifestFixture.Pages()
        let manifest = try ManifestFixture.manifest(of: try (0..<3000).map { try ManifestFixture.file("f\($0)") }, into: &pages)
        let name = try #require(pages.pages.keys.first)
        var damaged = pages.pages
        damaged[name]?[100] ^= 1
        #expect(!readAll(manifest.encoded(), damaged))
        damaged[name] = nil
        #expect {
            try ManifestFixture.files(of: manifest, from: damaged)
        } throws: { error in
            if case ManifestError.missingPage(name) = error { true } else { false }
        }
    }

    @Test func `a manifest that claims less, more, or too much is refused`() throws {
        let (manifest, pages) = try sample()
        var claims: [Manifest.Totals] = []
        for change in [-1, 1] {
            var totals = manifest.totals
            totals.files = UInt64(Int(totals.files) + change)
            claims.append(totals)
            totals = manifest.totals
            totals.size = UInt64(Int(totals.size) + change)
            claims.append(totals)
            totals = manifest.totals
            totals.chunks = UInt64(Int(totals.chunks) + change)
            claims.append(totals)
        }
        claims.append(Manifest.Totals(files: .max, chunks: .max, size: .max, pages: .max))
        for claim in claims {
            var other = manifest
            other.totals = claim
            #expect(!readAll(other.encoded(), pages.pages), "\(claim)")
        }
    }

    @Test func `a newer format is refused as such`() throws {
        var bytes = try sample().0.encoded()
        #expect(bytes[0] == 8 && bytes[1] == 1, "the format is the first field")
        bytes[1] = 2
        #expect {
            try Manifest(decoding: bytes)
        } throws: { error in
            if case ManifestError.unsupportedFormat(2) = error { true } else { false }
        }
    }

    @Test func `too many bytes are refused before they are decoded`() {
        #expect {
            try Manifest(decoding: [UInt8](repeating: 0, count: Manifest.maximumBytes + 1))
        } throws: { error in
            if case ManifestError.tooLarge = error { true } else { false }
        }
    }

    @Test func `two files that differ only in case are refused by the client too`() throws {
        var pages = ManifestFixture.Pages()
        let manifest = try ManifestFixture.manifest(of: ["A", "a"].map { try ManifestFixture.file($0) }, into: &pages)
        #expect {
            try ManifestFixture.files(of: manifest, from: pages)
        } throws: { error in
            if case ManifestError.path(let path) = error { path.reason == .sameIgnoringCase(as: "A") } else { false }
        }
    }

    @Test func `a chunk outside its frame is refused`() throws {
        var pages = ManifestFixture.Pages()
        var file = try ManifestFixture.file("a")
        file.chunks[0].start = 499_990
        let manifest = try ManifestFixture.manifest(of: [file], into: &pages)
        #expect(!readAll(manifest.encoded(), pages.pages))
    }

    @Test(arguments: [
        Frame(bundle: ManifestFixture.bundle, offset: 16, compressedSize: 100, plainSize: 0),
        Frame(bundle: ManifestFixture.bundle, offset: 16, compressedSize: 0, plainSize: 100_000),
        Frame(bundle: ManifestFixture.bundle, offset: 16, compressedSize: 100, plainSize: .max),
        Frame(bundle: ManifestFixture.bundle, offset: 16, compressedSize: 900_000, plainSize: 100_000),
        Frame(bundle: ManifestFixture.bundle, offset: .max - 10, compressedSize: 100, plainSize: 100_000),
    ])
    func `a frame of impossible sizes is refused`(frame: Frame) throws {
        var writer = PageWriter()
        writer.append(try ManifestFixture.file("a"), frames: [frame])
        var pages = ManifestFixture.Pages()
        let (root, totals) = try writer.finish(storing: &pages)
        let manifest = Manifest(
            version: "1", sequence: 1, entry: nil, hooks: .init(), packs: [], requirements: [], totals: totals, root: root)
        #expect(!readAll(manifest.encoded(), pages.pages))
    }
}
