internal import InstarDisk
package import InstarManifest
internal import InstarThreads

extension Store {
    /// Reads and hashes every file of a generation, on all processors, and looks for what does not belong there. Changes nothing.
    ///
    /// - Parameters:
    ///   - entries: what the release has, from its manifest; nil for what staging recorded, which names the same digests.
    ///   - progress: called now and then, on any thread, with the bytes hashed so far.
    package func verify(
        _ number: UInt64, against entries: [FileEntry]? = nil, width: Int? = nil, progress: (@Sendable (UInt64) -> Void)? = nil
    ) throws(StoreError) -> VerifyReport {
        let expected: Inventory
        if let entries {
            guard let generation = try state().generation(number) else { throw .state(.noSuchGeneration(number)) }
            let records = RecordRun(entries.map(FileRecord.init(expecting:)))
            expected = Inventory(release: generation.release, sorted: records.sorted())
        } else {
            expected = try inventory(of: number)
        }
        return try verify(number, expected, width: width, progress: progress)
    }

    /// As above, for a generation that need not be listed.
    func verify(
        _ number: UInt64, _ expected: Inventory, width: Int? = nil, progress: (@Sendable (UInt64) -> Void)? = nil
    ) throws(StoreError) -> VerifyReport {
        let generations = try folder(.generations)
        let root = try onDisk { () throws(DiskError) in try generations.directory(String(number)) }
        let verification = Verification(root: root, expected: expected, progress: progress)
        do { try verification.run(width: width ?? Workers.processorCount) } catch let error as DiskError { throw .disk(error) } catch {
            throw .damaged("\(error)")
        }
        return VerifyReport(
            generation: number, paths: UInt64(expected.count), bytes: verification.bytes, damages: verification.damages)
    }
}

extension FileRecord {
    /// What a manifest says of a path; nothing is known of the file system's side.
    init(expecting entry: FileEntry) {
        self.init(path: entry.path.description, kind: entry.kind, size: entry.size, digest: entry.digest, modified: 0, inode: 0)
    }
}
