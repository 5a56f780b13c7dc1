import InstarDisk
import InstarManifest
import InstarPlan
import InstarStore
import StoreSamples
import SystemPackage
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A real file system that is really full: a small one in memory, mounted for the test. Where mounting is not
/// permitted the test says that it was skipped.
@Suite(.serialized)
struct FullDiskTests {
    private static let canMount = geteuid() == 0 && (try? SmallDisk(kilobytes: 64)) != nil

    @Test(.enabled(if: canMount, "mounting a file system needs an administrator"))
    func `I11: a disk that fills up while staging leaves the store as it was and gets its space back`() throws {
        let disk = try SmallDisk(kilobytes: 1024)
        let store = try Store.open(at: disk.path.appending("store"))
        let first = try SampleUpdate.install(.first(), in: store)
        try store.confirm()
        let state = try DurableFile.read(store.path.appending("state"), limit: 1 << 20)
        let root = try Directory.open(disk.path)
        let free = try root.space().available
        // It is known beforehand that this one does not fit.
        let huge = try SampleRelease("huge", ["huge": .file(SampleRelease.noise(1, 2_000_000))])
        #expect(throws: StoreError.self) { try SampleUpdate.install(huge, in: store) }
        // This one fits, until somebody else fills the disk.
        let large = try SampleRelease("large", ["large": .file(SampleRelease.noise(2, 300_000))])
        #expect(throws: StoreError.self) {
            try stage(large, in: store) { try fill(root) }
        }
        try root.remove("filler")
        #expect(try DurableFile.read(store.path.appending("state"), limit: 1 << 20) == state)
        #expect(try store.verify(first.number, against: SampleRelease.first().entries).damages == [])
        // Manifests and pages that were kept for it are collected; nothing else is left of it.
        switch try store.lock() {
        case .busy: Issue.record("nobody else has the store")
        case .acquired(let lock): _ = try store.collect(holding: lock)
        }
        #expect(try root.space().available == free)
        try SampleUpdate.install(large, in: store)
    }

    @Test(.enabled(if: canMount, "mounting a file system needs an administrator"))
    func `I5: on a full disk a launch starts the proven generation`() throws {
        let disk = try SmallDisk(kilobytes: 1024)
        let store = try Store.open(at: disk.path.appending("store"))
        let first = try SampleUpdate.install(.first(), in: store)
        try store.confirm()
        try SampleUpdate.install(.second(), in: store)
        try fill(Directory.open(disk.path))
        let decision = try store.launch()
        #expect(decision.generation?.number == first.number)
        #expect(decision.warning != nil)
    }

    @Test(.enabled(if: canMount, "mounting a file system needs an administrator"))
    func `files of another device are copied where they cannot be linked`() throws {
        let disk = try SmallDisk(kilobytes: 4096)
        let store = try Store.open(at: disk.path.appending("store"))
        let release = try SampleRelease.first()
        let folder = TemporaryFolder()
        for entry in release.entries where entry.size > 0 {
            try folder.write(entry.path.description, release.bytes(of: entry.path.description))
        }
        switch try store.lock() {
        case .busy: Issue.record("nobody else has the store")
        case .acquired(let lock):
            let staging = try store.stage(release.identity, options: StagingOptions(shipped: folder.path), holding: lock)
            let entry = try #require(release["data/same.bin"])
            let file = try staging.add([
                PlannedFile(path: entry.path, kind: entry.kind, size: entry.size, digest: entry.digest, isSingleChunk: false)
            ])
            var copier = Copier(staging)
            let copy = Copy(chunks: entry.chunks.indices, size: entry.size, file: file, fileOffset: 0, source: 0, sourceOffset: 0)
            #expect(try copier.copy(copy, of: entry.chunks, from: LocalFile(generation: nil, path: entry.path)) == [])
            try staging.finish(file)
        }
    }

    private func stage(_ release: SampleRelease, in store: Store, meanwhile: () throws -> Void) throws {
        switch try store.lock() {
        case .busy: return
        case .acquired(let lock):
            let entry = release.entries[0]
            let staging = try store.stage(release.identity, holding: lock)
            do {
                let file = try staging.add([
                    PlannedFile(path: entry.path, kind: entry.kind, size: entry.size, digest: entry.digest, isSingleChunk: false)
                ])
                try meanwhile()
                try staging.write(release.bytes(of: entry.path.description), file: file, offset: 0)
            } catch {
                staging.giveUp(after: error)
                throw error
            }
        }
    }

    /// Takes all that is left, to the last byte.
    private func fill(_ root: Directory) throws {
        let filler = try root.file("filler", .create(permissions: 0o600))
        var offset: UInt64 = 0
        for size in [65_536, 4096, 512, 1] {
            let bytes = [UInt8](repeating: 1, count: size)
            while (try? filler.write(bytes, at: offset)) != nil { offset += UInt64(size) }
        }
    }
}

/// A small file system in memory, unmounted when the value goes.
private final class SmallDisk {
    private let folder = TemporaryFolder()
    let path: FilePath

    init(kilobytes: Int) throws {
        path = folder.path.appending("disk")
        try Directory.open(folder.path).makeDirectory("disk")
        guard try ChildProcess.run("mount", ["-t", "tmpfs", "-o", "size=\(kilobytes)k,mode=755", "tmpfs", path.string]) == .exit(0) else {
            throw Errno.notPermitted
        }
    }

    deinit { _ = try? ChildProcess.run("umount", ["-l", path.string]) }
}
