internal import InstarDisk
internal import SystemPackage

/// A file system as a power cut sees it: what was synced is there, and of what was not any part may be.
///
/// Stricter than the common file systems: a file's sync says nothing of its name, a name is safe once its folder was
/// synced (a rename between two folders once both were), and what is pending reaches the disk in any order, or never.
struct DiskModel {
    typealias Node = Int

    /// One recorded change.
    private enum Change {
        /// The name now means the node; the second place, if any, no longer does.
        case name(folder: Node, String, node: Node, insteadOf: (folder: Node, name: String)?)
        case remove(folder: Node, String, node: Node)
        case write(node: Node, offset: Int, [UInt8])
        case truncate(node: Node, Int)
        case permissions(node: Node, UInt16)
        case sync(node: Node?)
    }

    private enum Content {
        case file([UInt8])
        case folder([String: Node])
        case link(String)
    }

    private var contents: [Content] = []
    private var permissions: [UInt16] = []
    private var inodes: [UInt64: Node] = [:]
    private var changes: [Change] = []
    private let root: Node = 0

    /// How many changes were recorded.
    var count: Int { changes.count }

    /// Takes what is on disk now as durable.
    init(_ folder: FilePath) throws {
        let directory = try Directory.open(folder)
        _ = try add(directory, directory.status())
    }

    private mutating func add(_ directory: Directory, _ status: FileStatus) throws -> Node {
        let node = new(.folder([:]), status.permissions, inode: status.inode)
        var names: [String: Node] = [:]
        for entry in try directory.entries() {
            guard let status = try directory.status(of: entry.name) else { continue }
            if status.kind != .directory, let known = inodes[status.inode] {
                names[entry.name.string] = known
                continue
            }
            switch status.kind {
            case .directory: names[entry.name.string] = try add(directory.directory(entry.name), status)
            case .symbolicLink:
                names[entry.name.string] = new(.link(try directory.readSymbolicLink(entry.name)), 0o777, inode: status.inode)
            default:
                let bytes = try directory.contents(of: entry.name, limit: 1 << 24) ?? []
                names[entry.name.string] = new(.file(bytes), status.permissions, inode: status.inode)
            }
        }
        contents[node] = .folder(names)
        return node
    }

    private mutating func new(_ content: Content, _ permissions: UInt16, inode: UInt64) -> Node {
        contents.append(content)
        self.permissions.append(permissions)
        inodes[inode] = contents.count - 1
        return contents.count - 1
    }

    // MARK: Recording

    /// Reads the lines that the fault library wrote.
    mutating func record(_ text: String) {
        var names: [Node: [String: Node]] = [:]
        for (node, content) in contents.enumerated() { if case .folder(let entries) = content { names[node] = entries } }
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
            let first = words.count > 1 ? UInt64(words[1]).flatMap { inodes[$0] } : nil
            switch words[0] {
            case "syncfs": changes.append(.sync(node: nil))
            case "fsync": if let first { changes.append(.sync(node: first)) }
            case "chmod": if let first { changes.append(.permissions(node: first, UInt16(words[2], radix: 8) ?? 0)) }
            case "truncate": if let first { changes.append(.truncate(node: first, Int(words[2]) ?? 0)) }
            case "write": if let first { recordWrite(first, Int(words[2]) ?? 0, bytes(words[3])) }
            case "unlink":
                if let first, let node = names[first]?.removeValue(forKey: words[2]) {
                    changes.append(.remove(folder: first, words[2], node: node))
                }
            default: if let first { recordName(words, first, &names) }
            }
        }
    }

    /// Pages reach the disk one by one: any of them may be lost, and a cut may come between two.
    private mutating func recordWrite(_ node: Node, _ offset: Int, _ bytes: [UInt8]) {
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, (offset + start) / Self.pageSize * Self.pageSize + Self.pageSize - offset)
            changes.append(.write(node: node, offset: offset + start, Array(bytes[start..<end])))
            start = end
        }
    }

    private static let pageSize = 4096

    private mutating func recordName(_ words: [String], _ folder: Node, _ names: inout [Node: [String: Node]]) {
        switch words[0] {
        case "rename", "link":
            guard let target = UInt64(words[3]).flatMap({ inodes[$0] }), let node = names[folder]?[words[2]] else { return }
            if words[0] == "rename" { names[folder]?[words[2]] = nil }
            names[target, default: [:]][words[4]] = node
            changes.append(.name(folder: target, words[4], node: node, insteadOf: words[0] == "rename" ? (folder, words[2]) : nil))
        default:
            let content: Content = words[0] == "mkdir" ? .folder([:]) : words[0] == "symlink" ? .link(words[4]) : .file([])
            let node = new(content, words[0] == "mkdir" ? 0o755 : 0o600, inode: UInt64(words[3]) ?? 0)
            names[folder, default: [:]][words[2]] = node
            changes.append(.name(folder: folder, words[2], node: node, insteadOf: nil))
        }
    }

    private func bytes(_ hexadecimal: String) -> [UInt8] {
        let digits = Array(hexadecimal.utf8).map { $0 >= 97 ? $0 - 87 : $0 - 48 }
        return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    // MARK: The cut

    /// The changes before `end` that a cut there could lose.
    func pending(at end: Int) -> [Int] {
        (0..<end).filter { index in
            switch changes[index] {
            case .sync: false
            case .write(let node, _, _), .truncate(let node, _), .permissions(let node, _): !isSynced(node, index..<end)
            case .remove(let folder, _, _): !isSynced(folder, index..<end)
            case .name(let folder, _, _, let old):
                !isSynced(folder, index..<end) || (old.map { !isSynced($0.folder, index..<end) } ?? false)
            }
        }
    }

    private func isSynced(_ node: Node, _ range: Range<Int>) -> Bool {
        changes[range].contains { if case .sync(let synced) = $0 { synced == nil || synced == node } else { false } }
    }

    /// Writes what a cut at `end` leaves, without the `lost` changes, to the new folder `target`.
    func write(at end: Int, losing lost: Set<Int>, to target: Directory) throws {
        var state = self
        for index in 0..<end where !lost.contains(index) { state.apply(changes[index]) }
        var written: [Node: (Directory, String)] = [:]
        try state.write(root, to: target, &written)
    }

    private mutating func apply(_ change: Change) {
        switch change {
        case .sync: break
        case .permissions(let node, let bits): permissions[node] = bits
        case .name(let folder, let name, let node, let old):
            if let old, lookUp(old.folder, old.name) == node { set(old.folder, old.name, nil) }
            set(folder, name, node)
        case .remove(let folder, let name, let node): if lookUp(folder, name) == node { set(folder, name, nil) }
        case .truncate(let node, let size):
            edit(node) { $0 = Array($0.prefix(size)) + [UInt8](repeating: 0, count: max(0, size - $0.count)) }
        case .write(let node, let offset, let bytes):
            edit(node) { content in
                if content.count < offset + bytes.count { content += [UInt8](repeating: 0, count: offset + bytes.count - content.count) }
                content.replaceSubrange(offset..<(offset + bytes.count), with: bytes)
            }
        }
    }

    private func lookUp(_ folder: Node, _ name: String) -> Node? {
        if case .folder(let names) = contents[folder] { names[name] } else { nil }
    }

    private mutating func set(_ folder: Node, _ name: String, _ node: Node?) {
        guard case .folder(var names) = contents[folder] else { return }
        names[name] = node
        contents[folder] = .folder(names)
    }

    private mutating func edit(_ node: Node, _ change: (inout [UInt8]) -> Void) {
        guard case .file(var bytes) = contents[node] else { return }
        change(&bytes)
        contents[node] = .file(bytes)
    }

    private func write(_ node: Node, to target: Directory, _ written: inout [Node: (Directory, String)]) throws {
        guard case .folder(let names) = contents[node] else { return }
        for (name, child) in names {
            if let (folder, first) = written[child] {
                try folder.link(first, as: name, in: target)
                continue
            }
            switch contents[child] {
            case .folder: try write(child, to: target.directory(creating: name), &written)
            case .link(let text): try target.makeSymbolicLink(name, to: text)
            case .file(let bytes):
                try target.write(bytes, toNew: name, permissions: 0o600).setPermissions(permissions[child])
                written[child] = (target, name)
            }
        }
    }
}
