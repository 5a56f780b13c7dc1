/// Those of the `ChangedChunks` of two releases that a delta names. All of them would be hundreds of thousands where a file of
/// gigabytes changed; a delta names the few that it brings and what it needs for them.
package struct SelectedChunks: Sendable {
    /// One of the two releases.
    package struct Side: Sendable {
        /// Files that have selected chunks.
        package private(set) var files: [ChangedChunks.File] = []
        /// Ordinal numbers, in order and apart from each other.
        private let wanted: [Range<UInt32>]
        /// Where the chunks of each of these runs begin in `chunks`.
        private var begins: [Int] = []
        private var chunks: [ChangedChunks.Occurrence] = []
        /// The ordinal number of the next chunk.
        private var next: UInt32 = 0

        init(_ runs: [Range<UInt32>]) {
            var wanted: [Range<UInt32>] = []
            for run in runs.sorted(by: { $0.lowerBound < $1.lowerBound }) {
                if let last = wanted.last, run.lowerBound <= last.upperBound {
                    wanted[wanted.count - 1] = last.lowerBound..<max(last.upperBound, run.upperBound)
                } else {
                    wanted.append(run)
                }
            }
            self.wanted = wanted
        }

        fileprivate mutating func append(_ file: PlacedFile, reading source: some PageSource) throws {
            var number: UInt32?
            try file.forEachPart(reading: source) { part, begin, _ in
                var offset = begin
                for chunk in part {
                    if !chunk.isHole, takesNext() {
                        if number == nil {
                            number = UInt32(files.count)
                            files.append(.init(path: file.file.path, pack: file.file.pack))
                        }
                        chunks.append(.init(digest: chunk.digest, size: chunk.size, file: number ?? 0, offset: offset))
                    }
                    offset += UInt64(chunk.size)
                }
            }
        }

        /// Counts a chunk; true where it is wanted.
        private mutating func takesNext() -> Bool {
            defer { next += 1 }
            if begins.count < wanted.count, wanted[begins.count].lowerBound == next { begins.append(chunks.count) }
            return !begins.isEmpty && wanted[begins.count - 1].contains(next)
        }

        /// The occurrences that runs of ordinal numbers name; nil where one does not exist or was not selected.
        package subscript(runs: [Range<UInt32>]) -> [ChangedChunks.Occurrence]? {
            var found: [ChangedChunks.Occurrence] = []
            for run in runs {
                guard run.upperBound <= next, let place = place(of: run.lowerBound), run.upperBound <= wanted[place].upperBound else {
                    return nil
                }
                let begin = begins[place] + Int(run.lowerBound - wanted[place].lowerBound)
                found += chunks[begin..<begin + run.count]
            }
            return found
        }

        /// The run of `wanted` that holds an ordinal number.
        private func place(of number: UInt32) -> Int? {
            var (low, high) = (0, wanted.count)
            while low < high {
                let middle = (low + high) / 2
                if wanted[middle].upperBound <= number { low = middle + 1 } else { high = middle }
            }
            return low < begins.count && wanted[low].contains(number) ? low : nil
        }
    }

    /// The chunks of files that are gone or replaced.
    package private(set) var old: Side
    /// The chunks of files that are added or replace others.
    package private(set) var new: Side

    /// Selects what `index` names.
    package init(for index: DeltaIndex) {
        old = Side(index.parts.flatMap(\.prefix))
        new = Side(index.parts.flatMap(\.chunks))
    }

    /// Takes the next difference, whose files need not be joined.
    package mutating func append(_ change: Change, reading source: some PageSource) throws {
        switch change {
        case .removed(let file): try old.append(file, reading: source)
        case .added(let file): try new.append(file, reading: source)
        case .changed(let from, let to):
            try old.append(from, reading: source)
            try new.append(to, reading: source)
        }
    }
}
