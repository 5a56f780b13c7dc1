import InstarContent
import InstarCryptography
import Testing

struct ParallelCuttingTests {
    /// Cuts in memory, on several threads.
    static func cut(_ bytes: [UInt8], average: Int, segment: Int, at boundaries: [UInt64] = []) throws -> CutFile {
        try Cutting(average: average).cut(size: UInt64(bytes.count), at: boundaries, segment: segment, width: 3) { buffer, offset in
            let count = min(buffer.count, bytes.count - Int(offset))
            buffer.copyBytes(from: bytes[Int(offset)..<Int(offset) + count])
            return count
        }
    }

    static func cutSerially(_ bytes: [UInt8], average: Int, at boundaries: [UInt64] = []) throws -> CutFile {
        var cutter = FileCutter(cutting: Cutting(average: average))
        var position = 0
        return try cutter.cut(at: boundaries) { buffer in
            let count = min(buffer.count, bytes.count - position)
            buffer.copyBytes(from: bytes[position..<position + count])
            position += count
            return count
        }
    }

    /// Noise with runs of zeros, short and long, where chance puts them.
    static func mixed(_ count: Int, seed: UInt64) -> [UInt8] {
        var bytes = CuttingTests.noise(count, seed: seed)
        let dice = CuttingTests.noise(64, seed: seed &+ 99).map(Int.init)
        var position = 0
        for index in stride(from: 0, to: 60, by: 3) {
            position += (dice[index] << 8 | dice[index + 1]) % (count / 12 + 1)
            let length = [1, 200, 300, 1500, 5000, 40_000][dice[index + 2] % 6]
            for place in position..<max(position, min(count, position + length)) { bytes[place] = 0 }
        }
        return bytes
    }

    @Test(arguments: 0..<24)
    func `several threads find what one finds`(seed: UInt64) throws {
        let count = [1, 4000, 8192, 8193, 100_000, 400_001][Int(seed % 6)]
        let bytes = seed % 2 == 0 ? Self.mixed(count, seed: seed) : CuttingTests.noise(count, seed: seed)
        #expect(try Self.cut(bytes, average: 1024, segment: 8192) == Self.cutSerially(bytes, average: 1024))
    }

    @Test(arguments: 0..<8)
    func `where a file's format has boundaries they find the same too`(seed: UInt64) throws {
        let bytes = Self.mixed(300_000, seed: seed + 100)
        let dice = CuttingTests.noise(400, seed: seed).map(UInt64.init)
        var boundaries: [UInt64] = []
        for index in stride(from: 0, to: 400, by: 2) {
            boundaries.append((boundaries.last ?? 0) + 1 + dice[index] * dice[index + 1] % 3000)
        }
        boundaries = boundaries.filter { $0 < 300_000 }
        #expect(
            try Self.cut(bytes, average: 1024, segment: 8192, at: boundaries) == Self.cutSerially(bytes, average: 1024, at: boundaries))
    }

    @Test func `zeros over many segments are one run`() throws {
        let bytes = CuttingTests.noise(10_000) + [UInt8](repeating: 0, count: 200_000) + CuttingTests.noise(50_000, seed: 3)
        let file = try Self.cut(bytes, average: 1024, segment: 8192)
        #expect(try file == Self.cutSerially(bytes, average: 1024))
        #expect(file.pieces.count(where: \.isZero) == 1)
        let nothing = [UInt8](repeating: 0, count: 100_000)
        #expect(try Self.cut(nothing, average: 1024, segment: 8192) == Self.cutSerially(nothing, average: 1024))
    }

    @Test func `a file that ends early is reported with the size it has`() throws {
        let bytes = CuttingTests.noise(30_000)
        let file = try Cutting(average: 1024).cut(size: 100_000, segment: 8192, width: 2) { buffer, offset in
            let count = max(0, min(buffer.count, bytes.count - Int(offset)))
            if count > 0 { buffer.copyBytes(from: bytes[Int(offset)..<Int(offset) + count]) }
            return count
        }
        #expect(file.size == 30_000)
    }

    @Test func `files of a tree are cut as one by one, the largest on all processors`() throws {
        let contents = [
            CuttingTests.noise(17_000_000, seed: 5), [], CuttingTests.noise(5000, seed: 6), CuttingTests.noise(70_000, seed: 7),
        ]
        let files = try Cutting(average: 16_384).cutAll(contents.map { UInt64($0.count) }, width: 2) { index in
            { buffer, offset in
                let bytes = contents[index]
                let count = min(buffer.count, bytes.count - Int(offset))
                buffer.copyBytes(from: bytes[Int(offset)..<Int(offset) + count])
                return count
            }
        }
        #expect(try files == contents.map { try Self.cutSerially($0, average: 16_384) })
    }
}
