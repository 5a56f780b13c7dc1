import InstarStore
import StoreSamples
import SystemPackage
import TestSupport
import Testing

/// What generations share, and what a ceiling counts.
struct UsageTests {
    private let kept = content(1, 50_000)

    private func release(_ version: Int) throws -> SampleRelease {
        try SampleRelease(
            "\(version).0", sequence: UInt64(version),
            ["kept": .file(kept), "link": .link("kept"), "changing": .file(content(version + 10, 1000 * version))])
    }

    @Test func `each file is counted once, whoever has it`() throws {
        let test = try TestStore()
        #expect(try test.store.usage().total == 0)
        for version in 1...3 {
            try test.install(release(version))
            try test.store.confirm()
        }
        let usage = try test.store.usage(keeping: 2)
        #expect(usage.shares.map(\.generation) == [1, 2, 3])
        #expect(usage.shares.map(\.own) == [1000, 2000, 3000])
        #expect(usage.shares.map(\.shared) == [50_000, 50_000, 50_000])
        #expect(usage.total == 56_000)
        #expect(usage.collectable == [1] && usage.freed == 1000)
        #expect(try test.store.usage(keeping: 3).collectable == [])
        _ = try test.writing { try test.store.collect(keeping: 2, holding: $0) }
        #expect(try test.store.usage().total == 55_000)
    }

    @Test func `a generation whose inventory is lost is not guessed at`() throws {
        let test = try TestStore()
        try test.install(release(1))
        try overwrite(test.store.path.appending("generations/1.inventory"), at: 30, with: [0xFF])
        #expect(try test.store.usage().shares == [])
    }

    @Test func `a ceiling counts files that a collected generation has left to others`() throws {
        let test = try TestStore()
        for version in 1...3 {
            try test.install(release(version))
            try test.store.confirm()
        }
        // Staged by the first generation, which is gone: the second and third wrote only 5,000 bytes.
        _ = try test.writing { try test.store.collect(keeping: 2, holding: $0) }
        var options = StagingOptions(base: 3)
        options.ceiling = 70_000
        #expect(throws: StoreError.self) { try SampleUpdate.install(release(20), in: test.store, options: options) }
        options.ceiling = 500_000
        try test.expectIntact(SampleUpdate.install(release(20), in: test.store, options: options), release(20))
    }
}
