internal import InstarContent
internal import InstarDisk
internal import InstarManifest
internal import Synchronization
internal import SystemPackage

/// A build with all its files cut and hashed.
struct CutBuild {
    let build: Build
    /// One element an item; nil for those without content.
    let cuts: [CutFile?]
    /// Bytes that were read for it; the others were cut as an earlier publication remembered.
    let bytesRead: UInt64
    /// When the first file was looked at.
    private let begin: Int64
    private let cutting: Cutting

    /// Cuts what `known` does not know, on all processors.
    init(_ build: Build, _ cutting: Cutting, known: CutIndex, progress: @Sendable (UInt64) -> Void) throws {
        (self.build, self.cutting) = (build, cutting)
        begin = FileClock.now
        var cuts = build.items.map { item in item.stamp.flatMap { known.cut(of: item.path.description, $0) } }
        let unknown = build.items.indices.filter { cuts[$0] == nil && build.items[$0].stamp != nil }
        progress(cuts.reduce(0) { $0 + ($1?.size ?? 0) })
        let files = Mutex<[File?]>(Array(repeating: nil, count: unknown.count))
        let found = unsafe try cutting.cutAll(unknown.map { build.items[$0].size }, progress: progress) { index in
            let file = try build.open(build.items[unknown[index]])
            files.withLock { $0[index] = file }
            return { try unsafe file.read(into: $0, at: $1) }
        } closing: { index, cut in
            let file = files.withLock { $0[index].take() }
            try build.check(build.items[unknown[index]], file, cut)
        }
        for (index, cut) in zip(unknown, found) { cuts[index] = cut }
        self.cuts = cuts
        bytesRead = found.reduce(0) { $0 + $1.size }
    }

    /// What the next publication may take as known: every file that no write can have changed unseen.
    var index: CutIndex {
        var index = CutIndex(average: cutting.average)
        for (item, cut) in zip(build.items, cuts) {
            guard let cut, let stamp = item.stamp, FileClock.isSettled(max(stamp.modified, stamp.changed), at: begin) else { continue }
            index.insert(cut, of: item.path.description, stamp)
        }
        return index
    }
}

extension Build {
    /// Opens a file of the build that is as it was when the build was listed.
    fileprivate func open(_ item: Item) throws(PublishError) -> File {
        let file = try open(item.path)
        guard try onDisk({ () throws(DiskError) in FileStamp(try file.status()) }) == item.stamp else { throw .buildChanged(file.path) }
        return file
    }

    /// Throws where a file was written to while it was cut.
    fileprivate func check(_ item: Item, _ file: File?, _ cut: CutFile) throws(PublishError) {
        guard let file else { return }
        let stamp = try onDisk { () throws(DiskError) in FileStamp(try file.status()) }
        guard stamp == item.stamp, cut.size == item.size else { throw .buildChanged(file.path) }
    }
}

extension FileStamp {
    /// The stamp of a file of a build: all that the file system says of its content.
    init(_ status: FileStatus) {
        self.init(
            size: status.size, modified: status.modified, changed: status.changed, device: status.device, inode: status.inode)
    }
}

/// The cuts of the last publication, in the file `REPO.cuts` beside the repository: safe to delete, never published, and
/// no answer for any byte, since whatever is stored is read and hashed again.
struct CutCache {
    private let path: FilePath

    init(for repository: FilePath) {
        let name = repository.lastComponent?.string ?? "repository"
        path = repository.removingLastComponent().appending("\(name).cuts")
    }

    /// More than the index of any build that a manifest may describe would take; stops a file that is none.
    private static let maximumBytes = 4 << 30

    func read(average: Int) -> CutIndex {
        let bytes = try? DurableFile.read(path, limit: CutCache.maximumBytes)
        return bytes.flatMap { CutIndex(decoding: $0, average: average) } ?? CutIndex(average: average)
    }

    /// Keeps `index`. Where that fails the next publication only takes longer.
    func write(_ index: CutIndex) { try? DurableFile.replace(path, with: index.encoded()) }

    /// Forgets everything: something in it turned out to be wrong.
    func remove() { _ = try? Directory.open(path.removingLastComponent()).remove(path.lastComponent?.string ?? "") }
}
