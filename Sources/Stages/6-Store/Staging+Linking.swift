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
        let runs = Self.runs(of: entries, width: width)
        let linked = Mutex<[Int: LinkedRun]>([:])
        do {
            try Workers.forEach(count: runs.count, width: width) { run in
                let done = try linkRun(entries[runs[run]])
                linked.withLock { $0[run] = done }
            }
        } catch let error as StoreError { throw error } catch let error as DiskError { throw .disk(error) } catch {
            throw .damaged("\(error)")
        }
        let inOrder = linked.withLock { linked in runs.indices.compactMap { linked[$0] } }
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

    /// Runs that end with a folder where they can, since threads that make names in one folder wait for each other: so many that
    /// all threads are done at about the same time.
    private static func runs(of entries: [FileEntry], width: Int) -> [Range<Int>] {
        let length = max(64, min(1024, entries.count / (width * 16)))
        var runs: [Range<Int>] = []
        var start = 0
        var cursor = PathCursor()
        while start < entries.count {
            var end = min(entries.count, start + length)
            _ = cursor.enter(entries[end - 1].path.description)
            while end < entries.count, end < start + 2 * length, cursor.enter(entries[end].path.description).isSameFolder { end += 1 }
            runs.append(start..<end)
            start = end
        }
        return runs
    }

    private func linkRun(_ entries: ArraySlice<FileEntry>) throws(StoreError) -> LinkedRun {
        var run = LinkedRun()
        run.taken.reserve(records: entries.count, bytes: entries.count * 128)
        var walk = base.map { LinkWalk(base: $0, target: tree, isResumed: isResumed, written: written) }
        // By index: a copy of each entry would touch all that it refers to.
        for index in entries.indices {
            guard case .file(let isExecutable) = entries[index].kind else {
                try place(entries[index].kind, at: entries[index].path)
                continue
            }
            let file = WantedFile(
                path: entries[index].path.description, isExecutable: isExecutable, size: entries[index].size, digest: entries[index].digest)
            let isTaken = try onDisk { () throws(DiskError) in try walk?.take(file, into: &run.taken) }
            if isTaken != true { run.missed.append(entries[index]) }
        }
        return run
    }
}
