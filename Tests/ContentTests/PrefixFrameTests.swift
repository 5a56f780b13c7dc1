import InstarContent
import Testing

struct PrefixFrameTests {
    private let old = CuttingTests.noise(300_000, seed: 5)
    private var new: [UInt8] {
        var bytes = old
        bytes.insert(contentsOf: CuttingTests.noise(500, seed: 6), at: 100_000)
        bytes[250_000] ^= 1
        return bytes
    }

    @Test(arguments: [3, 12, 19])
    func `a frame with old content as its prefix holds little more than what changed`(level: Int) throws {
        var encoder = try FrameEncoder(level: level)
        var decoder = try FrameDecoder()
        let frame = try encoder.encode(new, prefix: old)
        #expect(frame.count < 2000)
        #expect(try decoder.decode(frame, prefix: old, plainSize: new.count) == new)
    }

    @Test func `a prefix reaches over eight megabytes`() throws {
        let large = CuttingTests.noise(1 << 20, seed: 7) + [UInt8](repeating: 1, count: 7 << 20)
        var encoder = try FrameEncoder(level: 3)
        var decoder = try FrameDecoder()
        let plain = [UInt8](repeating: 2, count: 1 << 20) + large.prefix(1 << 20)
        let frame = try encoder.encode(plain, prefix: large)
        #expect(frame.count < 200_000, "the noise is found at the far end of the prefix")
        #expect(try decoder.decode(frame, prefix: large, plainSize: plain.count) == plain)
    }

    @Test func `without the right prefix nothing comes that could pass for the content`() throws {
        var encoder = try FrameEncoder(level: 12)
        var decoder = try FrameDecoder()
        let frame = try encoder.encode(new, prefix: old)
        for wrong in [[], Array(old.dropFirst()), [UInt8](repeating: 0, count: old.count)] {
            #expect((try? decoder.decode(frame, prefix: wrong, plainSize: new.count)) != new)
        }
        #expect(try decoder.decode(frame, prefix: old, plainSize: new.count) == new, "an error leaves the decoder usable")
    }

    @Test func `a prefix serves one frame and no other`() throws {
        var encoder = try FrameEncoder(level: 12)
        var decoder = try FrameDecoder()
        let alone = try encoder.encode(new)
        let first = try encoder.encode(new, prefix: old)
        #expect(try encoder.encode(new) == alone)
        #expect(try encoder.encode(new, prefix: old) == first)
        #expect(try decoder.decode(first, prefix: old, plainSize: new.count) == new)
        #expect(try decoder.decode(alone, plainSize: new.count) == new)
    }

    @Test func `a prefix above the limit is refused`() throws {
        let large = [UInt8](repeating: 0, count: Int(FrameLimits.maximumPrefixSize) + 1)
        var encoder = try FrameEncoder(level: 1)
        var decoder = try FrameDecoder()
        #expect(throws: FrameError.prefixTooLarge(large.count)) { try encoder.encode([1, 2, 3], prefix: large) }
        let frame = try encoder.encode([1, 2, 3])
        #expect(throws: FrameError.prefixTooLarge(large.count)) { try decoder.decode(frame, prefix: large, plainSize: 3) }
    }

    @Test func `content is sampled at the same places wherever it stands`() {
        let samples = ContentSamples(distance: 256)
        let before = samples.all(in: old[...])
        #expect((600...1800).contains(before.count), "\(before.count) samples of 300,000 bytes")
        let moved = Set(samples.all(in: (CuttingTests.noise(1234, seed: 9) + old[50_000...])[...]))
        let common = before.filter { moved.contains($0) }
        #expect(common.count > before.count * 3 / 4)
        #expect(Set(samples.all(in: CuttingTests.noise(300_000, seed: 10)[...])).isDisjoint(with: before))
    }
}
