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

    private let memory: MemoryFolder?

    /// - Parameter inMemory: on a file system without a disk, where there is one: for tests by the hundred, in which a sync
    ///   that really waits would take most of the time.
    init(inMemory: Bool = false) throws {
        memory = inMemory ? MemoryFolder() : nil
        store = try Store.open(at: (memory?.path ?? folder.path).appending("store"))
    }

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

func content(_ seed: Int, _ count: Int) -> [UInt8] { SampleRelease.noise(seed, count) }

func firstRelease() throws -> SampleRelease { try .first() }

func secondRelease() throws -> SampleRelease { try .second() }

/// What is at a path; it has to be there.
func status(of path: FilePath) throws -> FileStatus {
    let name = try #require(path.lastComponent)
    let found = try Directory.open(path.removingLastComponent()).status(of: name)
    return try #require(found, "nothing at \(path)")
}

/// A folder below `/dev/shm`, gone with the value; nil where there is none.
final class MemoryFolder: Sendable {
    let path: FilePath

    init?() {
        let name = "instar-test-\(UInt64.random(in: .min ... .max))"
        guard let root = try? Directory.open("/dev/shm"), (try? root.makeDirectory(name)) != nil else { return nil }
        path = FilePath("/dev/shm").appending(name)
    }

    deinit {
        guard let name = path.lastComponent else { return }
        try? Directory.open("/dev/shm").removeTree(name)
    }
}
