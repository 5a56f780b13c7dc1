internal import InstarDisk
package import InstarManifest
internal import InstarPlan
internal import InstarThreads
internal import Synchronization

/// A repair of some files of a generation: each is assembled anew beside it, from what is still good of the old one and
/// from fetched pieces, and renamed over it. A process that has the old file open keeps reading the old one.
package final class Repair: Sendable {
    /// A chunk that no part of the damaged file holds any more; to be fetched and given to `write`.
    package struct MissingChunk: Hashable, Sendable {
        /// Index into `entries`.
        package var file: UInt32
        /// Index into the entry's chunks.
        package var chunk: Int
        /// Where it goes in the file.
        package var fileOffset: UInt64
    }

    /// The files under repair.
    package let entries: [FileEntry]
    /// What has to be fetched.
    package let missing: [MissingChunk]
    private let number: UInt64
    private let staging: Staging

    fileprivate init(number: UInt64, entries: [FileEntry], staging: Staging) throws(StoreError) {
        self.number = number
        self.entries = entries
        self.staging = staging
        let missing = Mutex<[MissingChunk]>([])
        do {
            try Workers.forEach(count: entries.count, width: staging.width) { index in
                let lost = try Repair.salvage(entries[index], index: UInt32(index), number, staging)
                missing.withLock { $0 += lost }
            }
        } catch let error as StoreError { throw error } catch { throw .damaged("\(error)") }
        self.missing = missing.withLock { $0 }.sorted { ($0.file, $0.chunk) < ($1.file, $1.chunk) }
    }

    /// Copies the chunks that are still good; answers the others.
    private static func salvage(_ entry: FileEntry, index: UInt32, _ number: UInt64, _ staging: Staging) throws(StoreError)
        -> [MissingChunk]
    {
        guard case .file = entry.kind else { return [] }
        try staging.create(index)
        var copier = Copier(staging)
        let whole = Copy(chunks: entry.chunks.indices, size: entry.size, file: index, fileOffset: 0, source: 0, sourceOffset: 0)
        let wrong = Set(try copier.copy(whole, of: entry.chunks, from: LocalFile(generation: number, path: entry.path)))
        var lost: [MissingChunk] = []
        var offset: UInt64 = 0
        for (position, chunk) in entry.chunks.enumerated() {
            if wrong.contains(position) { lost.append(MissingChunk(file: index, chunk: position, fileOffset: offset)) }
            offset += UInt64(chunk.size)
        }
        return lost
    }

    /// Puts a fetched and verified chunk in place.
    package func write(_ bytes: UnsafeRawBufferPointer, _ missing: MissingChunk) throws(StoreError) {
        try unsafe staging.write(bytes, file: missing.file, offset: missing.fileOffset)
    }

    /// Puts a fetched and verified chunk in place.
    package func write(_ bytes: [UInt8], _ missing: MissingChunk) throws(StoreError) {
        try staging.write(bytes, file: missing.file, offset: missing.fileOffset)
    }

    /// Hashes the new files, makes them durable and puts them in place of the damaged ones.
    package func commit(holding lock: borrowing WriterLock) throws(StoreError) {
        for index in entries.indices { try staging.finish(UInt32(index), hashing: true) }
        try staging.replaceFiles(of: number)
        staging.discard()
    }

    /// Gives up; the generation stays as it was.
    package func cancel() { staging.discard() }
}

extension Store {
    /// Begins to repair paths of a generation. Chunks of the damaged files that are still good are used again.
    package func repair(
        _ number: UInt64, _ entries: [FileEntry], options: StagingOptions = StagingOptions(), holding lock: borrowing WriterLock
    ) throws(StoreError) -> Repair {
        guard let generation = try state().generation(number) else { throw .state(.noSuchGeneration(number)) }
        let files = entries.map {
            PlannedFile(path: $0.path, kind: $0.kind, size: $0.size, digest: $0.digest, isSingleChunk: false)
        }
        try needs(files: files, linking: 0).check()
        let staging = try folder(.staging)
        let name = "\(number).repair"
        let folder = try onDisk { () throws(DiskError) in
            try staging.removeTree(name)
            return try staging.directory(creating: name)
        }
        let making = try Staging(
            store: self, release: generation.release, options: options, folder: folder, folderName: name,
            isResumed: false, base: nil)
        _ = making.targets.add(files)
        return try Repair(number: number, entries: entries, staging: making)
    }

    /// Gives files that are right but for their permissions those that they should have. Answers those that are not the ones
    /// that staging made: they may have a name outside of the store, and have to be replaced.
    package func repairPermissions(_ number: UInt64, _ entries: [FileEntry], holding lock: borrowing WriterLock) throws(StoreError)
        -> [FileEntry]
    {
        let generations = try folder(.generations)
        guard let inventory = try inventoryUnlessDamaged(number) else { return entries }
        return try onDisk { () throws(DiskError) in
            let tree = TreeFolders(try generations.directory(String(number)), creating: false)
            var others: [FileEntry] = []
            for entry in entries {
                let path = entry.path.description
                let (folder, name) = try tree.place(of: path)
                guard let there = try folder.status(of: name), let known = inventory.index(of: path), there.kind == .file,
                    there.inode == inventory.facts(known).inode
                else {
                    others.append(entry)
                    continue
                }
                try folder.setPermissions(entry.kind.permissions, of: name)
            }
            return others
        }
    }
}

extension Staging {
    /// Moves the finished files over those of generation `number`, then notes what they are now.
    fileprivate func replaceFiles(of number: UInt64) throws(StoreError) {
        let made = records.withLock { $0.records }
        let generations = try store.folder(.generations)
        let inventory = try? store.inventory(of: number)
        try onDisk { () throws(DiskError) in
            if try !syncFileSystem() { try folder.syncTree() }
            let aside = AsideFolder(store.root, number: number)
            let target = TreeFolders(try generations.directory(String(number)), creating: true, clearing: aside.take)
            for record in made {
                let (from, name) = try tree.place(of: record.path)
                let (into, newName) = try target.place(of: record.path)
                try from.replace(name, with: newName, in: into, clearing: aside.take)
            }
            if let inventory {
                try generations.replace("\(number).inventory", with: inventory.replacing(made))
            } else {
                _ = try generations.syncFileSystem()
            }
        }
    }
}

extension Directory {
    /// Renames over a file; a folder that is in the way, being no part of the release, is cleared away first.
    fileprivate func replace(
        _ name: String, with newName: String, in target: Directory, clearing clear: TreeFolders.Clearing
    ) throws(DiskError) {
        if let there = try target.status(of: newName), there.kind == .directory {
            if try status(of: name)?.kind == .directory { return }
            try clear(newName, target)
        }
        try rename(name, to: newName, in: target)
        try target.sync()
    }
}

extension Inventory {
    /// The file's bytes with some records replaced.
    fileprivate func replacing(_ records: [FileRecord]) -> [UInt8] {
        let replaced = Set(records.map(\.path))
        let others = (0..<count).compactMap { self[$0] }.filter { !replaced.contains($0.path) }
        return Inventory.encode(release: release, pages: pages, records: others + records)
    }
}
