import InstarCryptography
import InstarDisk
import InstarManifest
import InstarPlan
import InstarStore
import StoreSamples
import SystemPackage
import TestSupport
import Testing

/// A store in a folder of its own, gone after the test.
struct TestStore {
    let folder = TemporaryFolder()
    let store: Store

    init() throws { store = try Store.open(at: folder.path.appending("store")) }

    /// Stages, adopts and activates.
    @discardableResult
    func install(_ release: SampleRelease) throws -> Generation { try SampleUpdate.install(release, in: store) }

    /// Runs `body` with the writer's lock.
    func writing<Result>(_ body: (borrowing WriterLock) throws -> Result) throws -> Result {
        switch try store.lock() {
        case .busy: throw SampleUpdate.Busy(holder: nil)
        case .acquired(let lock): return try body(lock)
        }
    }

    /// Asserts that the generation is exactly the release, byte for byte.
    func expectIntact(_ generation: Generation, _ release: SampleRelease, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let report = try store.verify(generation.number, against: release.entries)
        #expect(report.damages == [], sourceLocation: sourceLocation)
    }

    /// Names in one of the store's folders.
    func names(in name: String) throws -> [String] {
        try Directory.open(store.path.appending(name)).entries().map(\.name.string).sorted()
    }
}

/// Bytes that are the same for the same seed.
func content(_ seed: UInt8, _ count: Int) -> [UInt8] {
    var value = UInt32(seed) &+ 1
    return (0..<count).map { _ in
        value = value &* 1_664_525 &+ 1_013_904_223
        return UInt8(truncatingIfNeeded: value >> 16)
    }
}

/// The release that most tests begin with: files of no, one and several chunks, a program, a link, empty folders.
func firstRelease() throws -> SampleRelease {
    try SampleRelease(
        "1.0", sequence: 1,
        [
            "empty": .file([]), "main.py": .file(content(1, 500)), "data/big.bin": .file(content(2, 45_000)),
            "data/same.bin": .file(content(3, 25_000)), "bin/tool": .program(content(4, 300)), "data/latest": .link("big.bin"),
            "saves": .folder, "Readme": .file(content(5, 40)), "kind": .file(content(6, 10)), "tree/leaf": .file(content(7, 10)),
        ])
}

/// The next one: changed, added and removed files, a case-only rename, a file that becomes a folder and the reverse.
func secondRelease() throws -> SampleRelease {
    var big = content(2, 45_000)
    big[33_000] ^= 0xFF
    return try SampleRelease(
        "2.0", sequence: 2,
        [
            "empty": .file([]), "main.py": .file(content(11, 600)), "data/big.bin": .file(big), "data/same.bin": .file(content(3, 25_000)),
            "bin/tool": .program(content(4, 300)), "data/latest": .link("same.bin"), "saves": .folder, "README": .file(content(5, 40)),
            "kind/inner": .file(content(6, 10)), "tree": .file(content(7, 10)), "new/deep/er/file": .file(content(12, 10_000)),
        ])
}

/// What is at a path; it has to be there.
func status(of path: FilePath) throws -> FileStatus {
    let name = try #require(path.lastComponent)
    let found = try Directory.open(path.removingLastComponent()).status(of: name)
    return try #require(found, "nothing at \(path)")
}
