extension SampleRelease {
    /// The release that most tests begin with: files of no, one and several chunks, a program, a link, empty folders.
    package static func first() throws -> SampleRelease {
        try SampleRelease(
            "1.0", sequence: 1,
            [
                "empty": .file([]), "main.py": .file(noise(1, 500)), "data/big.bin": .file(noise(2, 45_000)),
                "data/same.bin": .file(noise(3, 25_000)), "bin/tool": .program(noise(4, 300)), "data/latest": .link("big.bin"),
                "saves": .folder, "Readme": .file(noise(5, 40)), "kind": .file(noise(6, 10)), "tree/leaf": .file(noise(7, 10)),
            ])
    }

    /// The next one: changed, added and removed files, a case-only rename, a file that becomes a folder and the reverse.
    package static func second() throws -> SampleRelease {
        var big = noise(2, 45_000)
        big[33_000] ^= 0xFF
        return try SampleRelease(
            "2.0", sequence: 2,
            [
                "empty": .file([]), "main.py": .file(noise(11, 600)), "data/big.bin": .file(big), "data/same.bin": .file(noise(3, 25_000)),
                "bin/tool": .program(noise(4, 300)), "data/latest": .link("same.bin"), "saves": .folder, "README": .file(noise(5, 40)),
                "kind/inner": .file(noise(6, 10)), "tree": .file(noise(7, 10)), "new/deep/er/file": .file(noise(12, 10_000)),
            ])
    }

    /// Two small files that differ with `number`, for long runs.
    package static func numbered(_ number: Int) throws -> SampleRelease {
        try SampleRelease(
            "\(number).0", sequence: UInt64(number),
            ["changing": .file(noise(number, 12_000)), "constant": .file(noise(0, 2000)), "sub/\(number % 3)": .file(noise(number, 10))])
    }

    /// Bytes that are the same for the same seed.
    package static func noise(_ seed: Int, _ count: Int) -> [UInt8] {
        var value = UInt32(truncatingIfNeeded: seed) &+ 1
        return (0..<count).map { _ in
            value = value &* 1_664_525 &+ 1_013_904_223
            return UInt8(truncatingIfNeeded: value >> 16)
        }
    }
}
