import InstarContent
import InstarCryptography
import Testing

struct DeflateTests {
    /// Compresses well, and differently at different levels.
    static func text(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
        let noise = CuttingTests.noise(count / 4 + 8, seed: seed)
        return Array(noise.flatMap { byte in Array("word\(byte % 37) ".utf8) }.prefix(count))
    }

    private func deflated(_ plain: [UInt8], level: Int = 6) throws -> [UInt8] {
        var deflater = try Deflater(try #require(DeflateParameters(level: level)))
        let deflated = deflater.deflate(plain, limit: plain.count + plain.count / 1000 + 100)
        return try #require(deflated)
    }

    @Test(arguments: [0, 1, 100, 70_000, 1_000_000])
    func `what is deflated is inflated to the same`(count: Int) throws {
        var inflater = try Inflater()
        for plain in [Self.text(count), CuttingTests.noise(count)] {
            for level in [1, 6, 9] {
                let isSame = try inflater.inflate(deflated(plain, level: level), limit: count) == plain
                #expect(isSame)
            }
        }
    }

    @Test func `a stream that holds more than it may is stopped there`() throws {
        // A megabyte of zeros in a kilobyte.
        let bomb = try deflated([UInt8](repeating: 0, count: 1 << 20))
        #expect(bomb.count < 1100)
        var inflater = try Inflater()
        for limit in [0, 1, 1000, (1 << 20) - 1] {
            #expect(throws: DeflateError.tooLarge(limit: limit)) { try inflater.inflate(bomb, limit: limit) }
        }
        #expect(try inflater.inflate(bomb, limit: 1 << 20).count == 1 << 20, "an error leaves the inflater usable")
        #expect(try inflater.inflate(bomb, limit: 2 << 20).count == 1 << 20, "and it may hold less")
    }

    @Test func `a stream that was cut off is truncated wherever that was`() throws {
        let whole = try deflated(Self.text(5000))
        var inflater = try Inflater()
        for length in 0..<whole.count {
            #expect(throws: DeflateError.truncated) { try inflater.inflate(Array(whole.prefix(length)), limit: 6000) }
        }
    }

    @Test func `bytes that follow a stream are not read over`() throws {
        let whole = try deflated(Self.text(5000))
        var inflater = try Inflater()
        for more in [1, 4, 1000] {
            #expect(throws: DeflateError.trailing(more)) { try inflater.inflate(whole + CuttingTests.noise(more), limit: 6000) }
        }
    }

    @Test func `what is no stream is damaged, and random damage never traps`() throws {
        var inflater = try Inflater()
        #expect(throws: DeflateError.damaged("invalid block type")) { try inflater.inflate([0x07, 1, 2], limit: 100) }
        let whole = try deflated(Self.text(5000))
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<3000 {
            var damaged = whole
            damaged[Int.random(in: damaged.indices, using: &generator)] = .random(in: .min ... .max, using: &generator)
            _ = try? inflater.inflate(damaged, limit: 6000)
        }
        #expect(try inflater.inflate(whole, limit: 5000) == Self.text(5000))
    }

    @Test func `deflating answers nothing where the stream does not fit, and is the same every time`() throws {
        let plain = Self.text(300_000), whole = try deflated(plain)
        var deflater = try Deflater(try #require(DeflateParameters(level: 6)))
        for limit in [whole.count - 1, 5, 0] {
            let isNothing = deflater.deflate(plain, limit: limit) == nil
            #expect(isNothing)
        }
        for _ in 0..<3 {
            let isSame = deflater.deflate(plain, limit: whole.count) == whole
            #expect(isSame, "the stream fits exactly")
        }
    }

    @Test func `the first bytes are there where the stream does not fit`() throws {
        let plain = Self.text(300_000), whole = try deflated(plain)
        var deflater = try Deflater(try #require(DeflateParameters(level: 6)))
        var first = [UInt8](repeating: 0, count: 4096)
        let count = plain.withUnsafeBytes { plain in first.withUnsafeMutableBytes { deflater.deflate(plain, into: $0) } }
        #expect(count == nil && whole.starts(with: first))
    }

    @Test func `numbers that zlib does not have are no parameters`() {
        for (level, memory, strategy, bits) in [
            (0, 8, 0, 15), (10, 8, 0, 15), (6, 0, 0, 15), (6, 10, 0, 15), (6, 8, 5, 15), (6, 8, -1, 15),
        ] {
            #expect(DeflateParameters(level: level, memory: memory, strategy: strategy, windowBits: bits) == nil)
        }
        for bits in [8, 16, -15] { #expect(DeflateParameters(level: 6, windowBits: bits) == nil) }
    }

    @Test func `all parameters that exist deflate to what can be inflated`() throws {
        let plain = Self.text(20_000)
        var inflater = try Inflater()
        for level in 1...9 {
            for memory in 1...9 {
                for strategy in 0...4 {
                    let parameters = try #require(
                        DeflateParameters(level: level, memory: memory, strategy: strategy, windowBits: 9 + (level + memory) % 7))
                    var deflater = try Deflater(parameters)
                    let deflated = deflater.deflate(plain, limit: 40_000)
                    #expect(try inflater.inflate(#require(deflated), limit: 20_000) == plain)
                }
            }
        }
    }

    @Test func `a mark tells levels and memory apart, and is the same every time`() throws {
        var marks: Set<UInt64> = []
        for level in 1...9 {
            for memory in 8...9 {
                let parameters = try #require(DeflateParameters(level: level, memory: memory))
                let mark = try parameters.mark()
                #expect(try parameters.mark() == mark)
                marks.insert(mark)
            }
        }
        #expect(marks.count == 18)
        let golden = "1b6e04665d563d174cc90628348bb5570a19d8889f89df7e2c602b171b0c3f8b"
        #expect(Digest(of: DeflateSample.bytes).description == golden, "what marks are made of never changes")
    }
}
