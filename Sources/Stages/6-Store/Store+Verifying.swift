internal import InstarCryptography
internal import InstarDisk
package import InstarManifest
internal import InstarThreads
internal import Synchronization
internal import SystemPackage

extension Store {
    /// Reads and hashes every file of a generation, on all processors, and looks for what does not belong there. Changes nothing.
    ///
    /// - Parameters:
    ///   - entries: what the release has, from its manifest; nil for what staging recorded, which names the same digests.
    ///   - progress: called now and then, on any thread, with the bytes hashed so far.
    package func verify(
        _ number: UInt64, against entries: [FileEntry]? = nil, width: Int? = nil, progress: (@Sendable (UInt64) -> Void)? = nil
    ) throws(StoreError) -> VerifyReport {
        let expected: [FileRecord]
        if let entries {
            expected = entries.map(FileRecord.init(expecting:))
        } else {
            let inventory = try inventory(of: number)
            expected = (0..<inventory.count).compactMap { inventory[$0] }
        }
        let generations = try folder(.generations)
        let root = try onDisk { () throws(DiskError) in try generations.directory(String(number)) }
        let verification = Verification(root: root, expected: expected, progress: progress)
        do { try verification.run(width: width ?? Workers.processorCount) } catch let error as DiskError { throw .disk(error) } catch {
            throw .damaged("\(error)")
        }
        var report = VerifyReport(generation: number, paths: UInt64(expected.count), bytes: verification.bytes)
        report.damages = try verification.damages + onDisk { () throws(DiskError) in try verification.foreign() }
        report.damages.sort { $0.path < $1.path }
        return report
    }
}

/// One run over one tree.
private final class Verification: Sendable {
    private let root: Directory
    private let tree: TreeFolders
    private let expected: [FileRecord]
    private let progress: (@Sendable (UInt64) -> Void)?
    private let found = Mutex<[Damage]>([])
    private let hashed = Atomic<UInt64>(0)

    /// Files of at least this size are handed out one by one, first; the others in runs, so that a folder stays open.
    private static let largeFile: UInt64 = 4 << 20
    private static let runLength = 64

    init(root: Directory, expected: [FileRecord], progress: (@Sendable (UInt64) -> Void)?) {
        self.root = root
        self.expected = expected
        self.progress = progress
        tree = TreeFolders(root, creating: false)
    }

    var bytes: UInt64 { hashed.load(ordering: .relaxed) }
    var damages: [Damage] { found.withLock { $0 } }

    func run(width: Int) throws {
        let large = expected.indices.filter { expected[$0].size >= Self.largeFile }.sorted { expected[$0].size > expected[$1].size }
        let small = expected.indices.filter { expected[$0].size < Self.largeFile }
        let runs = (small.count + Self.runLength - 1) / Self.runLength
        try Workers.forEach(count: large.count + runs, width: width) { job in
            if job < large.count { return try self.check(self.expected[large[job]]) }
            let start = (job - large.count) * Self.runLength
            for index in small[start..<min(small.count, start + Self.runLength)] { try self.check(self.expected[index]) }
        }
    }

    private func check(_ record: FileRecord) throws {
        if let kind = try damage(of: record) { found.withLock { $0.append(Damage(path: record.path, kind: kind)) } }
        let sum = hashed.add(record.size, ordering: .relaxed).newValue
        progress?(sum)
    }

    private func damage(of record: FileRecord) throws(DiskError) -> Damage.Kind? {
        let folder: Directory
        let name: String
        do { (folder, name) = try tree.place(of: record.path) } catch { return try absence(error) }
        guard let status = try folder.status(of: name) else { return .missing }
        switch record.kind {
        case .emptyDirectory: return status.kind == .directory ? nil : .damaged
        case .symbolicLink(let target):
            guard status.kind == .symbolicLink else { return .damaged }
            return try folder.readSymbolicLink(name) == target ? nil : .damaged
        case .file:
            guard status.kind == .file, status.size == record.size else { return .damaged }
            do {
                if try folder.file(name).digest() != record.digest { return .damaged }
            } catch {
                // A sector that cannot be read is damage to be repaired, not a reason to stop.
                if [.ioError, .permissionDenied].contains(error.code) { return .damaged }
                throw error
            }
            return status.permissions == record.kind.permissions ? nil : .permissions
        }
    }

    /// A folder on the way is gone, or something else is in its place.
    private func absence(_ error: DiskError) throws(DiskError) -> Damage.Kind {
        let gone: [Errno] = [.noSuchFileOrDirectory, .notDirectory, .tooManySymbolicLinkLevels]
        guard gone.contains(error.code) else { throw error }
        return .missing
    }

    /// Names below the root that the release does not have. A folder that is not its own counts once.
    func foreign() throws(DiskError) -> [Damage] {
        var paths: Set<String> = []
        var folders: Set<String> = []
        for record in expected {
            paths.insert(record.path)
            var end = record.path.utf8.endIndex
            while let slash = record.path.utf8[..<end].lastIndex(of: UInt8(ascii: "/")) {
                guard folders.insert(String(record.path[..<slash])).inserted else { break }
                end = slash
            }
        }
        var found: [Damage] = []
        try collectForeign(root, "", paths, folders, &found)
        return found
    }

    private func collectForeign(
        _ directory: Directory, _ prefix: String, _ paths: Set<String>, _ folders: Set<String>, _ found: inout [Damage]
    ) throws(DiskError) {
        for entry in try directory.entries() {
            let path = prefix + entry.name.string
            if entry.kind == .directory, folders.contains(path) {
                try collectForeign(try directory.directory(entry.name), path + "/", paths, folders, &found)
            } else if entry.kind == .directory, paths.contains(path) {
                // An empty folder of the release: whatever is in it is foreign.
                try collectForeign(try directory.directory(entry.name), path + "/", paths, folders, &found)
            } else if !paths.contains(path) {
                found.append(Damage(path: path, kind: .foreign))
            }
        }
    }
}

extension FileRecord {
    /// What a manifest says of a path; nothing is known of the file system's side.
    init(expecting entry: FileEntry) {
        self.init(path: entry.path.description, kind: entry.kind, size: entry.size, digest: entry.digest, modified: 0, inode: 0)
    }
}
