import InstarContent
import Testing

struct FrameTests {
    private let plain = Array("the same words again and again; ".utf8.map { $0 }).repeated(100)

    @Test(arguments: [1, 3, 12, 19])
    func `what is encoded decodes to the same bytes at every level`(level: Int) throws {
        var encoder = try FrameEncoder(level: level)
        var decoder = try FrameDecoder()
        let frame = try encoder.encode(plain)
        #expect(frame.count < plain.count)
        #expect(try decoder.decode(frame, plainSize: plain.count) == plain)
    }

    @Test func `an encoder gives the same frame for the same bytes, whatever it did before`() throws {
        var encoder = try FrameEncoder(level: 12)
        let first = try encoder.encode(plain)
        _ = try encoder.encode([1, 2, 3])
        #expect(try encoder.encode(plain) == first)
    }

    @Test func `bytes that cannot be compressed stay within the declared limit`() throws {
        var encoder = try FrameEncoder(level: 12)
        var generator = SystemRandomNumberGenerator()
        for size in [0, 1, 100, 5000, 100_000] {
            let noise = (0..<size).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
            #expect(try encoder.encode(noise).count <= Int(FrameLimits.maximumCompressedSize(plain: UInt32(size))))
        }
    }

    @Test func `a frame with another size than declared is refused before output`() throws {
        var encoder = try FrameEncoder(level: 3)
        var decoder = try FrameDecoder()
        let frame = try encoder.encode(plain)
        for size in [0, plain.count - 1, plain.count + 1] {
            #expect(throws: FrameError.self) { try decoder.decode(frame, plainSize: size) }
        }
        #expect(throws: FrameError.tooLarge(plainSize: 1 << 40)) { try decoder.decode(frame, plainSize: 1 << 40) }
    }

    @Test func `a truncated frame and bytes behind a frame are refused`() throws {
        var encoder = try FrameEncoder(level: 3)
        var decoder = try FrameDecoder()
        let frame = try encoder.encode(plain)
        for length in 0..<frame.count {
            #expect(throws: FrameError.self) { try decoder.decode(Array(frame.prefix(length)), plainSize: plain.count) }
        }
        #expect(throws: FrameError.self) { try decoder.decode(frame + [0], plainSize: plain.count) }
        #expect(throws: FrameError.self) { try decoder.decode(frame + frame, plainSize: plain.count) }
    }

    @Test func `changed bits never trap and never give another length`() throws {
        var encoder = try FrameEncoder(level: 3)
        var decoder = try FrameDecoder()
        let frame = try encoder.encode(plain)
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            var damaged = frame
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                damaged[Int.random(in: damaged.indices, using: &generator)] = UInt8.random(in: .min ... .max, using: &generator)
            }
            if let result = try? decoder.decode(damaged, plainSize: plain.count) { #expect(result.count == plain.count) }
        }
        #expect(try decoder.decode(frame, plainSize: plain.count) == plain, "the decoder works on after damaged input")
    }

    @Test func `a thrifty encoder spends a slow level only where something is gained`() throws {
        var thrifty = try ThriftyEncoder(level: 19), quick = try FrameEncoder(level: 3), thorough = try FrameEncoder(level: 19)
        let noise = CuttingTests.noise(200_000), text = Array(String(repeating: "walls and doors, ", count: 9000).utf8)
        #expect(try thrifty.encode(noise) == quick.encode(noise))
        #expect(try thrifty.encode(text) == thorough.encode(text))
        var decoder = try FrameDecoder()
        #expect(try decoder.decode(thrifty.encode(noise), plainSize: noise.count) == noise)
    }
}

extension Array {
    func repeated(_ count: Int) -> [Element] { (0..<count).flatMap { _ in self } }
}
