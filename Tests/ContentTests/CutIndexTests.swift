import InstarContent
import InstarCryptography
import Testing

struct CutIndexTests {
    let stamp = FileStamp(size: 120_000, modified: 1_700_000_000_123_456_789, changed: -5, device: 7, inode: 9)

    func index() throws -> CutIndex {
        var index = CutIndex(average: 4096)
        let bytes = CuttingTests.noise(100_000) + [UInt8](repeating: 0, count: 20_000)
        index.insert(try CuttingTests.cut(bytes), of: "data/ä.pak", stamp)
        index.insert(try CuttingTests.cut([]), of: "empty", FileStamp(size: 0, modified: 0, changed: 0, device: 0, inode: 1))
        return index
    }

    @Test func `an index is read as it was written`() throws {
        let index = try index()
        #expect(CutIndex(decoding: index.encoded(), average: 4096) == index)
        #expect(index.records.count == 2)
    }

    @Test func `only the very same stamp finds a file`() throws {
        let index = try index()
        #expect(index.cut(of: "data/ä.pak", stamp)?.size == 120_000)
        #expect(index.cut(of: "data/a.pak", stamp) == nil)
        for change: WritableKeyPath<FileStamp, Int64> in [\.modified, \.changed] {
            var other = stamp
            other[keyPath: change] += 1
            #expect(index.cut(of: "data/ä.pak", other) == nil)
        }
        for change: WritableKeyPath<FileStamp, UInt64> in [\.size, \.device, \.inode] {
            var other = stamp
            other[keyPath: change] += 1
            #expect(index.cut(of: "data/ä.pak", other) == nil)
        }
    }

    @Test func `what is damaged, cut off or cut with another average is no index`() throws {
        let bytes = try index().encoded()
        #expect(CutIndex(decoding: bytes, average: 8192) == nil)
        #expect(CutIndex(decoding: [], average: 4096) == nil)
        for position in stride(from: 0, to: bytes.count, by: 37) {
            var damaged = bytes
            damaged[position] ^= 1
            #expect(CutIndex(decoding: damaged, average: 4096) == nil)
            #expect(CutIndex(decoding: Array(bytes[..<position]), average: 4096) == nil)
        }
    }
}
