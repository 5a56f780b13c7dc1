import InstarContent
import InstarCryptography
import InstarManifest
import Testing

struct DeltaIndexTests {
    private let index = DeltaIndex(
        pageSizes: [4000, 16_000], pagePrefix: [3..<5, 0..<1],
        parts: [
            .init(frame: frame(at: 16, plain: 5000), chunks: [0..<7, 9..<10], prefix: [2..<4]),
            .init(frame: frame(at: 516, plain: 100), chunks: [8..<9], prefix: []),
            .init(frame: frame(at: 1016, plain: 8 << 20), chunks: [10..<700], prefix: [700..<1400, 0..<1]),
        ])

    private static func frame(at offset: UInt64, plain: UInt32) -> Frame {
        Frame(bundle: Digest(of: [1]), offset: offset, compressedSize: 500, plainSize: plain)
    }

    @Test func `an index is read as it was written`() throws {
        #expect(try DeltaIndex(decoding: index.encoded()) == index)
        #expect(index.encoded().count < 150, "an index is small")
        #expect(try DeltaIndex(decoding: DeltaIndex().encoded()) == DeltaIndex())
    }

    @Test func `a manifest keeps where its deltas lie, and they are part of its identity`() throws {
        var pages = ManifestFixture.Pages()
        var manifest = try ManifestFixture.manifest(of: [try ManifestFixture.file("f")], into: &pages)
        let before = Digest(of: manifest.encoded())
        let part = DeltaReference.Part(digest: Digest(of: [2]), frame: Self.frame(at: 16, plain: 900))
        manifest.deltas = [
            DeltaReference(base: Digest(of: [7]), index: part, pages: nil),
            DeltaReference(
                base: Digest(of: [8]), index: part, pages: .init(digest: Digest(of: [3]), frame: Self.frame(at: 600, plain: 80_000))),
        ]
        let read = try Manifest(decoding: manifest.encoded())
        #expect(read.deltas == manifest.deltas)
        #expect(read.identity.digest != before)
    }

    @Test func `ordinal numbers follow the comparison of two releases, holes left out`() throws {
        var pages = ManifestFixture.Pages()
        var holed = try ManifestFixture.file("b", chunkCount: 2)
        holed.chunks.insert(Chunk(holeOf: 70_000), at: 1)
        holed.size += 70_000
        let old = try ManifestFixture.manifest(
            of: [try ManifestFixture.file("a", chunkCount: 3), try ManifestFixture.file("gone"), try ManifestFixture.file("same")],
            into: &pages)
        let new = try ManifestFixture.manifest(
            of: [try ManifestFixture.file("a", seed: "2", chunkCount: 2), holed, try ManifestFixture.file("same")], into: &pages,
            sequence: 2)
        var changed = ChangedChunks()
        var changes = try Comparison(from: old, to: new, pages: pages)
        while let change = try changes.next() { changed.append(change) }
        #expect(changed.old.files.map(\.path.description) == ["a", "gone"])
        #expect(changed.old.chunks.map(\.file) == [0, 0, 0, 1])
        #expect(changed.new.files.map(\.path.description) == ["a", "b"])
        #expect(changed.new.chunks.map(\.file) == [0, 0, 1, 1])
        #expect(changed.new.chunks[3].offset == 70_000 + UInt64(changed.new.chunks[2].size))
        #expect(changed.new[[1..<2, 0..<1]]?.map(\.digest) == [changed.new.chunks[1].digest, changed.new.chunks[0].digest])
        #expect(changed.new[[3..<5]] == nil, "a number that does not exist")
    }

    @Test func `random damage of an index never traps`() {
        let bytes = index.encoded()
        var generator = SystemRandomNumberGenerator()
        var refused = 0
        for _ in 0..<4000 {
            var damaged = bytes
            switch Int.random(in: 0..<3, using: &generator) {
            case 0: damaged.removeLast(Int.random(in: 1...bytes.count, using: &generator))
            case 1:
                damaged.insert(UInt8.random(in: .min ... .max, using: &generator), at: Int.random(in: 0...bytes.count, using: &generator))
            default: damaged[Int.random(in: damaged.indices, using: &generator)] = UInt8.random(in: .min ... .max, using: &generator)
            }
            do { _ = try DeltaIndex(decoding: damaged) } catch {
                _ = "\(error)"
                refused += 1
            }
        }
        #expect(refused > 1000)
    }

    @Test func `runs that reach below zero or beyond every number are refused`() throws {
        for runs in [[field(1, varint: UInt64.max), field(2, varint: 1)], [field(1, varint: UInt64.max - 1), field(2, varint: 1)]] {
            // Page prefixes are field 2: the greatest and the least number as a gap.
            #expect(throws: ManifestError.self) { try DeltaIndex(decoding: field(2, bytes: runs.flatMap { $0 })) }
        }
        let many = DeltaIndex(pagePrefix: [0..<UInt32(DeltaLimits.maximumChunks) + 1]).encoded()
        #expect(throws: ManifestError.self) { try DeltaIndex(decoding: many) }
        #expect(throws: ManifestError.self) { try DeltaIndex(decoding: [UInt8](repeating: 0, count: DeltaLimits.maximumIndexBytes + 1)) }
    }

    @Test func `frames and runs that do not fit each other are refused`() throws {
        // A number of runs without a frame, and with fewer runs than it says.
        #expect(throws: ManifestError.self) { try DeltaIndex(decoding: field(4, varint: 1)) }
        #expect(throws: ManifestError.self) { try DeltaIndex(decoding: field(5, bytes: field(1, varint: 0) + field(2, varint: 1))) }
        // A page of no bytes, and one above the limit.
        #expect(throws: ManifestError.self) { try DeltaIndex(decoding: field(1, varint: 0)) }
        #expect(throws: ManifestError.self) { try DeltaIndex(decoding: field(1, varint: 1 << 20)) }
    }

    /// Protocol Buffers by hand, for what no encoder of ours writes.
    private func field(_ number: UInt8, varint value: UInt64) -> [UInt8] {
        var bytes = [number << 3], rest = value
        while rest > 127 {
            bytes.append(UInt8(rest & 127) | 128)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }

    private func field(_ number: UInt8, bytes: [UInt8]) -> [UInt8] { [number << 3 | 2, UInt8(bytes.count)] + bytes }
}
