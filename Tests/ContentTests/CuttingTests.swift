import InstarContent
import InstarCryptography
import Testing

struct CuttingTests {
    /// The same pseudo-random bytes everywhere: a linear congruential generator (Knuth, MMIX).
    static func noise(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
        var state = seed
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 33)
        }
    }

    /// Cuts bytes that arrive in pieces of at most `step` bytes.
    static func cut(_ bytes: [UInt8], average: Int = 4096, step: Int = .max) throws -> CutFile {
        var cutter = FileCutter(cutting: Cutting(average: average))
        var position = 0
        return try cutter.cut { buffer in
            let count = min(buffer.count, step, bytes.count - position)
            buffer.copyBytes(from: bytes[position..<position + count])
            position += count
            return count
        }
    }

    @Test func `boundaries are those of the golden table`() throws {
        let sizes = try Self.cut(Self.noise(60_000)).pieces.map(\.size)
        #expect(sizes == GoldenCuts.noise)
        #expect(
            Digest(of: Self.noise(60_000)).description.hasPrefix(GoldenCuts.noiseDigest), "the input itself is what the table was made for")
    }

    @Test func `pieces add up to the file, and each has its digest`() throws {
        let bytes = Self.noise(300_000)
        let file = try Self.cut(bytes)
        #expect(file.size == 300_000)
        #expect(file.digest == Digest(of: bytes))
        var position = 0
        for piece in file.pieces {
            #expect(piece.digest == Digest(of: Array(bytes[position..<position + Int(piece.size)])))
            position += Int(piece.size)
        }
        #expect(position == bytes.count)
    }

    @Test(arguments: [1, 7, 4096, 65_537])
    func `how the bytes arrive does not matter`(step: Int) throws {
        let bytes = Self.noise(step == 1 ? 40_000 : 2_500_000) + [UInt8](repeating: 0, count: 100_000) + Self.noise(10_000, seed: 2)
        #expect(try Self.cut(bytes, step: step) == Self.cut(bytes))
    }

    @Test func `sizes stay between a quarter and four times the average`() throws {
        let pieces = try Self.cut(Self.noise(1_000_000)).pieces
        #expect(pieces.dropLast().allSatisfy { (1024...16_384).contains($0.size) })
        let average = 1_000_000 / pieces.count
        #expect((3000...6500).contains(average), "\(average)")
    }

    @Test func `an insertion moves only the boundaries next to it`() throws {
        let bytes = Self.noise(500_000)
        let before = try Set(Self.cut(bytes).pieces)
        for position in [0, 1, 100_000, 499_999] {
            var changed = bytes
            changed.insert(contentsOf: [1, 2, 3], at: position)
            let new = try Self.cut(changed).pieces.filter { !before.contains($0) }
            #expect(new.count <= 4, "\(new.count) new pieces after an insertion at \(position)")
        }
    }

    @Test func `runs of zeros are pieces of their own and are found wherever they lie`() throws {
        for begin in [0, 1, 5000, (1 << 20) - 10] {
            let bytes = Self.noise(begin) + [UInt8](repeating: 0, count: 3_000_000) + Self.noise(5000, seed: 9)
            let file = try Self.cut(bytes)
            #expect(file.digest == Digest(of: bytes))
            let zeros = file.pieces.filter(\.isZero)
            #expect(zeros.count == 1)
            #expect(zeros.reduce(0) { $0 + Int($1.size) } > 3_000_000 - 17_000, "all but what shares a chunk with the bytes before")
        }
    }

    @Test func `small and empty files are one piece or none`() throws {
        #expect(try Self.cut([]) == CutFile(digest: Digest(of: []), size: 0, pieces: []))
        let one = try Self.cut([42])
        #expect(one.pieces == [CutFile.Piece(digest: Digest(of: [42]), size: 1, isZero: false)])
        #expect(one.digest == one.pieces[0].digest)
        let zeros = try Self.cut([UInt8](repeating: 0, count: 10))
        #expect(zeros.digest == Digest(of: [UInt8](repeating: 0, count: 10)))
    }

    @Test func `a cutter serves one file after the other`() throws {
        var cutter = FileCutter(cutting: Cutting(average: 4096))
        for size in [10, 100_000, 0, 70_000] {
            let bytes = Self.noise(size, seed: UInt64(size))
            var position = 0
            let file = try cutter.cut { buffer in
                let count = min(buffer.count, bytes.count - position)
                buffer.copyBytes(from: bytes[position..<position + count])
                position += count
                return count
            }
            #expect(try file == Self.cut(bytes))
        }
    }
}
