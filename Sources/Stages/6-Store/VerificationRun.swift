internal import InstarDisk
internal import InstarManifest
internal import InstarThreads
internal import Synchronization
internal import SystemPackage

/// One run over one tree: every path that it should have, then every name that it has.
final class Verification: Sendable {
    private let tree: TreeFolders
    private let expected: Inventory
    private let progress: (@Sendable (UInt64) -> Void)?
    private let found = Mutex<[Damage]>([])
    private let hashed = ByteSum()

    /// Files of at least this size are handed out one by one, first; the others in runs, so that a folder stays open.
    private static let largeFile: UInt64 = 4 << 20
    private static let runLength = 64

    init(root: Directory, expected: Inventory, progress: (@Sendable (UInt64) -> Void)?) {
        self.expected = expected
        self.progress = progress
        tree = TreeFolders(root, creating: false)
    }

    /// Bytes that were hashed.
    var bytes: UInt64 { hashed.value }
    /// By path.
    var damages: [Damage] { found.withLock { $0.sorted { $0.path < $1.path } } }

    func run(width: Int) throws {
        let sizes = (0..<expected.count).map { expected.facts($0).size }
        let large = sizes.indices.filter { sizes[$0] >= Self.largeFile }.sorted { sizes[$0] > sizes[$1] }
        let runs = (sizes.count + Self.runLength - 1) / Self.runLength
        try Workers.forEach(count: large.count + runs, width: width) { job in
            if job < large.count { return try self.check(large[job]..<(large[job] + 1), sizes) { _ in true } }
            let start = (job - large.count) * Self.runLength
            try self.check(start..<min(sizes.count, start + Self.runLength), sizes) { sizes[$0] < Self.largeFile }
        }
        let folders = expected.folders()
        // Where nothing is missing, a folder with as many names as the release has in it has no others.
        let isComplete = found.withLock { $0.isEmpty }
        try Workers.forEach(count: folders.count, width: width) { index in
            try self.findForeign(in: folders[index].path, unlessOf: isComplete ? folders[index].names : nil)
        }
    }

    private func check(_ range: Range<Int>, _ sizes: [UInt64], where isWanted: (Int) -> Bool) throws(DiskError) {
        let wanted = range.filter(isWanted)
        guard let largest = wanted.map({ sizes[$0] }).max() else { return }
        var check = PathCheck(tree: tree, largestFile: largest)
        var done: UInt64 = 0
        for index in wanted {
            guard let record = expected[index] else { continue }
            if let kind = try check.damage(of: record) { note(record.path, kind) }
            done += record.size
        }
        let sum = hashed.add(done)
        progress?(sum)
    }

    private func note(_ path: String, _ kind: Damage.Kind) { found.withLock { $0.append(Damage(path: path, kind: kind)) } }

    /// Names in a folder that the release does not have. A folder that is not its own counts once.
    private func findForeign(in path: String, unlessOf count: Int? = nil) throws(DiskError) {
        // One that is gone, or has become something else, was found missing already.
        guard let folder = try tree.present(path) else { return }
        let names = try folder.names()
        if names.count == count { return }
        for (name, kind) in names {
            let full = path.isEmpty ? name : path + "/" + name
            if let index = expected.index(of: full) {
                // A folder in place of a file or a link: whatever is in it is foreign.
                if kind == .directory, !expected.isEmptyFolder(index) { try findForeign(in: full) }
            } else if kind != .directory || !expected.hasFolder(full) {
                note(full, .foreign)
            }
        }
    }
}

/// Looks at one path after another.
private struct PathCheck: ~Copyable {
    private var cursor: FolderCursor
    private var hashing: FileHashing

    init(tree: TreeFolders, largestFile: UInt64) {
        cursor = FolderCursor(tree)
        hashing = FileHashing(atMost: largestFile)
    }

    /// What is wrong at a path; nil where nothing is.
    mutating func damage(of record: FileRecord) throws(DiskError) -> Damage.Kind? {
        let folder: Directory
        let name: LastName
        do { (folder, name) = try cursor.place(of: record.path) } catch {
            // A folder on the way is gone, or something else is in its place.
            if error.isAbsence { return .missing }
            throw error
        }
        switch record.kind {
        case .file: return try damage(ofFile: record, folder, name)
        case .emptyDirectory:
            guard let status = try folder.status(of: name) else { return .missing }
            return status.kind == .directory ? nil : .damaged
        case .symbolicLink(let target):
            guard let status = try folder.status(of: name) else { return .missing }
            guard status.kind == .symbolicLink else { return .damaged }
            return try folder.readSymbolicLink(name) == target ? nil : .damaged
        }
    }

    private mutating func damage(ofFile record: FileRecord, _ folder: Directory, _ name: LastName) throws(DiskError) -> Damage.Kind? {
        do {
            let (file, status) = try folder.openedFile(name)
            guard status.size == record.size else { return .damaged }
            guard try hashing.digest(of: file, size: status.size) == record.digest else { return .damaged }
            return status.permissions == record.kind.permissions ? nil : .permissions
        } catch {
            switch error.code {
            case .noSuchFileOrDirectory: return .missing
            // Something else has its name; a file that nobody may read, or a sector that cannot be read, is damage to be
            // repaired too, not a reason to stop.
            case .tooManySymbolicLinkLevels, .invalidArgument, .noSuchAddressOrDevice, .permissionDenied, .ioError: return .damaged
            default: throw error
            }
        }
    }
}
