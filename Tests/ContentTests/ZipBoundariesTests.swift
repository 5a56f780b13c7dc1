import InstarContent
import Testing

struct ZipBoundariesTests {
    /// A zip archive of stored members, byte by byte as APPNOTE.TXT has it. Check sums are left out: cutting does not read them.
    struct Archive {
        private(set) var bytes: [UInt8] = []
        private var directory: [UInt8] = []
        private var count = 0
        /// Where headers and contents begin and end.
        private(set) var boundaries: [UInt64] = []

        static func number(_ value: Int, _ bytes: Int) -> [UInt8] { (0..<bytes).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }

        mutating func add(_ name: String, _ content: [UInt8], time: Int = 0, isWide: Bool = false) {
            let fixed = Self.number(20, 2) + Self.number(0, 2) + Self.number(0, 2) + Self.number(time, 4) + Self.number(0, 4)
            let sizes = Self.number(content.count, 4) + Self.number(content.count, 4) + Self.number(name.utf8.count, 2)
            let header = bytes.count
            bytes += [0x50, 0x4B, 3, 4] + fixed + sizes + Self.number(0, 2) + Array(name.utf8) + content
            boundaries += [UInt64(header), UInt64(bytes.count - content.count), UInt64(bytes.count)]
            let extra = isWide ? Self.number(1, 2) + Self.number(8, 2) + Self.number(header, 8) : []
            directory += [0x50, 0x4B, 1, 2] + Self.number(20, 2) + fixed + sizes + Self.number(extra.count, 2) + Self.number(0, 10)
            directory += (isWide ? [255, 255, 255, 255] : Self.number(header, 4)) + Array(name.utf8) + extra
            count += 1
        }

        func finished(comment: String = "") -> [UInt8] {
            let end =
                [0x50, 0x4B, 5, 6] + Self.number(0, 4) + Self.number(count, 2) + Self.number(count, 2) + Self.number(directory.count, 4)
            return bytes + directory + end + Self.number(bytes.count, 4) + Self.number(comment.utf8.count, 2) + Array(comment.utf8)
        }
    }

    private func find(_ bytes: [UInt8]) throws -> [UInt64] {
        try ZipBoundaries.find(size: UInt64(bytes.count)) { buffer, offset in
            guard offset < UInt64(bytes.count) else { return 0 }
            let count = min(buffer.count, bytes.count - Int(offset))
            buffer.copyBytes(from: bytes[Int(offset)..<Int(offset) + count])
            return count
        }
    }

    @Test(arguments: [false, true])
    func `headers and members are found, wide offsets too`(isWide: Bool) throws {
        var archive = Archive()
        for index in 0..<20 { archive.add("member\(index).txt", CuttingTests.noise(index * 100, seed: UInt64(index)), isWide: isWide) }
        let expected = Set(archive.boundaries).subtracting([0]).sorted()
        #expect(try find(archive.finished(comment: "made by hand")) == expected)
    }

    @Test func `a directory says what its members are called, how they are stored and where`() throws {
        var archive = Archive()
        for index in 0..<5 { archive.add("m\(index)", CuttingTests.noise(200 + index, seed: UInt64(index)), isWide: index == 3) }
        let bytes = archive.finished()
        let read: ZipDirectory.Reader = { buffer, offset in
            let wanted = bytes.dropFirst(Int(offset)).prefix(buffer.count)
            buffer.copyBytes(from: wanted)
            return wanted.count
        }
        let directory = try #require(try ZipDirectory(size: UInt64(bytes.count), reading: read))
        #expect(directory.members.map { String(decoding: $0.name, as: UTF8.self) } == ["m0", "m1", "m2", "m3", "m4"])
        #expect(directory.members.map(\.plainSize) == [200, 201, 202, 203, 204])
        #expect(directory.members.allSatisfy { $0.method == 0 && $0.flags == 0 && $0.compressedSize == $0.plainSize })
        for (index, member) in directory.members.enumerated() {
            let content = try #require(try directory.content(of: member, reading: read))
            #expect(Array(bytes[Int(content.lowerBound)..<Int(content.upperBound)]) == CuttingTests.noise(200 + index, seed: UInt64(index)))
        }
    }

    @Test func `what is no archive, or lies, is cut as any other file`() throws {
        var archive = Archive()
        archive.add("a", CuttingTests.noise(1000))
        let bytes = archive.finished()
        #expect(try find([]) == [])
        #expect(try find(CuttingTests.noise(5000)) == [])
        #expect(try find(Array(bytes.dropLast(30))) == [])
        for length in 0..<bytes.count { _ = try find(Array(bytes.prefix(length))) }
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<3000 {
            var damaged = bytes
            for _ in 0..<2 {
                damaged[Int.random(in: 1000..<bytes.count, using: &generator)] = .random(in: .min ... .max, using: &generator)
            }
            let found = try find(damaged)
            #expect(found == found.sorted() && found.allSatisfy { $0 < UInt64(damaged.count) })
        }
    }

    @Test func `an archive whose time stamps all changed shares every member with the one before`() throws {
        var old = Archive(), new = Archive()
        new.add("inserted", CuttingTests.noise(777, seed: 99))
        var plain: UInt64 = 0
        for index in 0..<50 {
            let content = CuttingTests.noise(20_000 + index, seed: UInt64(index))
            plain += UInt64(content.count)
            old.add("m\(index)", content, time: 1)
            new.add("m\(index)", content, time: 2)
        }
        func pieces(_ bytes: [UInt8], at boundaries: [UInt64]) throws -> Set<CutFile.Piece> {
            var cutter = FileCutter(cutting: Cutting(average: 16 << 10))
            var position = 0
            let file = try cutter.cut(at: boundaries) { buffer in
                let count = min(buffer.count, bytes.count - position)
                buffer.copyBytes(from: bytes[position..<position + count])
                position += count
                return count
            }
            #expect(file.size == UInt64(bytes.count))
            return Set(file.pieces)
        }
        let before = try pieces(old.finished(), at: find(old.finished()))
        let after = try pieces(new.finished(), at: find(new.finished()))
        let fresh = after.subtracting(before).reduce(0) { $0 + UInt64($1.size) }
        #expect(fresh < plain / 100, "\(fresh) of \(plain) bytes are new")
    }
}
