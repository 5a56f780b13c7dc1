internal import InstarDisk
package import InstarManifest
internal import InstarThreads
internal import Synchronization

// Entries that need no new content.
extension Staging {
    /// Puts unchanged entries in place: files as hard links to the base generation's (as clones or copies where links cannot
    /// be), symbolic links and empty folders as they are. Entries in path order go fastest.
    ///
    /// Answers those files that the base generation does not hold as it should; the caller gets their content anew.
    package func link(_ entries: [FileEntry]) throws(StoreError) -> [FileEntry] {
        let runLength = max(64, entries.count / (width * 4) + 1)
        let runs = (entries.count + runLength - 1) / runLength
        let linked = Mutex<[Int: LinkedRun]>([:])
        do {
            try Workers.forEach(count: runs, width: width) { run in
                let done = try linkRun(entries[(run * runLength)..<min(entries.count, (run + 1) * runLength)])
                linked.withLock { $0[run] = done }
            }
        } catch let error as StoreError { throw error } catch let error as DiskError { throw .disk(error) } catch {
            throw .damaged("\(error)")
        }
        let inOrder = linked.withLock { linked in (0..<runs).compactMap { linked[$0] } }
        records.withLock { records in for run in inOrder { records.append(run.taken) } }
        return inOrder.flatMap(\.missed)
    }

    /// One entry; false where its content has to be got anew.
    package func link(_ entry: FileEntry) throws(StoreError) -> Bool { try link([entry]).isEmpty }

    /// What became of a run of entries.
    private struct LinkedRun: Sendable {
        var taken = RecordRun()
        var missed: [FileEntry] = []
    }

    private func linkRun(_ entries: ArraySlice<FileEntry>) throws(StoreError) -> LinkedRun {
        var run = LinkedRun()
        run.taken.reserve(entries.count)
        var walk = base.map { LinkWalk(base: $0, target: tree, isResumed: isResumed, written: written) }
        for entry in entries {
            guard case .file = entry.kind else {
                try place(entry.kind, at: entry.path)
                continue
            }
            let isTaken = try onDisk { () throws(DiskError) in try walk?.take(entry, into: &run.taken) }
            if isTaken != true { run.missed.append(entry) }
        }
        return run
    }
}
