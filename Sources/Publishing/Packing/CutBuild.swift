internal import InstarContent
internal import InstarDisk
internal import InstarManifest
internal import InstarThreads
internal import Synchronization
internal import SystemPackage

extension Build {
    /// Cuts and hashes every file, on all processors. The result has one element an item; nil for those without content.
    func cut(_ cutting: Cutting, progress: @Sendable (UInt64) -> Void) throws -> [CutFile?] {
        let results = Mutex<[CutFile?]>(Array(repeating: nil, count: items.count))
        let next = Atomic(0)
        // Large files first, so that no processor is left alone with one at the end.
        let order = items.indices.filter { if case .file = items[$0].kind { true } else { false } }.sorted {
            items[$0].size > items[$1].size
        }
        try Workers.forEach(count: min(Workers.processorCount, max(1, order.count))) { _ in
            var cutter = FileCutter(cutting: cutting)
            while true {
                let index = next.add(1, ordering: .relaxed).oldValue
                guard index < order.count else { return }
                let result = try cut(items[order[index]], with: &cutter)
                results.withLock { $0[order[index]] = result }
                progress(result.size)
            }
        }
        return results.withLock { $0 }
    }

    /// Bytes from which on an archive is cut at its members. Smaller ones are few chunks anyway.
    private static let smallestZip: UInt64 = 256 << 10

    private func cut(_ item: Item, with cutter: inout FileCutter) throws -> CutFile {
        let file = try open(item.path)
        var offset: UInt64 = 0
        var boundaries: [UInt64] = []
        if item.size >= Build.smallestZip {
            boundaries = try unsafe ZipBoundaries.find(size: item.size) { try unsafe file.read(into: $0, at: $1) }
        }
        let result = try unsafe cutter.cut(at: boundaries) { buffer in
            let count = try unsafe file.read(into: buffer, at: offset)
            offset += UInt64(count)
            return count
        }
        guard result.size == item.size else { throw PublishError.buildChanged(file.path) }
        return result
    }
}
