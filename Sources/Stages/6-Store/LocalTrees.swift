internal import InstarCryptography
internal import InstarDisk
internal import InstarManifest
internal import InstarThreads
package import InstarPlan
internal import Synchronization
package import SystemPackage

/// The trees of this machine that content is taken from: the generations of a store, and the directory shipped with the app.
/// Nothing in them is trusted: whoever uses it hashes it.
///
/// May be used by any number of threads at once.
package final class LocalTrees: Sendable {
    private let store: Store
    private let shipped: FilePath?
    private let opened: Mutex<[UInt64?: TreeFolders]> = Mutex([:])

    package init(_ store: Store, shipped: FilePath? = nil) {
        (self.store, self.shipped) = (store, shipped)
    }

    /// A file of a generation, or of the shipped directory where that is nil. Nil where it is not there or is not a regular
    /// file inside its tree.
    func file(_ path: ReleasePath, of generation: UInt64?) -> File? {
        guard let folders = folders(generation), let (folder, name) = try? folders.place(of: path.description) else { return nil }
        return try? folder.file(name)
    }

    /// Fills `buffer` with local content that a delta needs, every part verified. False where a part is not what it should be. All
    /// processors read and hash.
    package func read(_ parts: ArraySlice<PrefixPart>, into buffer: UnsafeMutableRawBufferPointer) -> Bool {
        var end = 0
        let shares = parts.shares { Int($0.size) }.map { parts in
            let begin = end
            end += parts.reduce(0) { $0 + Int($1.size) }
            return (parts: parts, place: begin..<end)
        }
        // Each share has a place of its own in the buffer, and all are through before this returns.
        nonisolated(unsafe) let buffer = unsafe buffer
        let isRight = try? Workers.map(count: shares.count, tools: {}) { _, share in
            unsafe readShare(shares[share].parts, into: UnsafeMutableRawBufferPointer(rebasing: buffer[shares[share].place]))
        }
        return isRight?.allSatisfy { $0 } ?? false
    }

    private func readShare(_ parts: ArraySlice<PrefixPart>, into buffer: UnsafeMutableRawBufferPointer) -> Bool {
        var open: (source: ReleasePath, generation: UInt64, file: File)?
        var filled = 0
        for part in parts {
            if open?.source != part.source || open?.generation != part.generation {
                guard let file = file(part.source, of: part.generation) else { return false }
                open = (part.source, part.generation, file)
            }
            let target = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[filled..<filled + Int(part.size)])
            guard let count = unsafe try? open?.file.read(into: target, at: part.sourceOffset), count == Int(part.size),
                unsafe Digest(of: UnsafeRawBufferPointer(target)) == part.digest
            else { return false }
            filled += count
        }
        return true
    }

    private func folders(_ generation: UInt64?) -> TreeFolders? {
        if let known = opened.withLock({ $0[generation] }) { return known }
        let root: Directory?
        if let generation {
            root = try? store.folder(.generations).directory(String(generation))
        } else {
            root = shipped.flatMap { try? Directory.open($0, followingLinks: true) }
        }
        guard let root else { return nil }
        let folders = TreeFolders(root, creating: false)
        opened.withLock { $0[generation] = folders }
        return folders
    }
}
