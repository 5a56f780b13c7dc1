/// All paths of a release together: finds the pairs that cannot live in one tree on every platform.
///
/// Publisher and client both run it: a signature says who made a release, not how carefully.
package struct PathRegister: Sendable {
    /// How a folded path is spelled. Folders are spelled without a trailing slash.
    private var spellings: [String: String] = [:]
    private var folders: Set<String> = []
    /// The folder of the last path: files of one folder follow each other, and its parents are known then.
    private var lastFolder = ""

    package init() {}

    /// Adds a path; throws where it cannot stand beside one that was added before.
    package mutating func insert(_ path: ReleasePath, isDirectory: Bool = false) throws(PathError) {
        let text = path.description
        let folded = text.caseFolded
        if let folder = text.utf8.lastIndex(of: UInt8(ascii: "/")) {
            try insertFolders(of: text, upTo: folder)
        }
        if let other = spellings.updateValue(text, forKey: folded) {
            throw PathError(path: text, reason: reason(for: text, beside: other))
        }
        if isDirectory { folders.insert(text) }
    }

    private func reason(for path: String, beside other: String) -> PathError.Reason {
        if !path.utf8.elementsEqual(other.utf8) { return .sameIgnoringCase(as: other) }
        return folders.contains(other) ? .fileAndFolder(at: other) : .duplicate
    }

    private mutating func insertFolders(of path: String, upTo end: String.Index) throws(PathError) {
        guard path[..<end] != lastFolder else { return }
        var position = path.startIndex
        while position <= end, let slash = path[position...end].utf8.firstIndex(of: UInt8(ascii: "/")) {
            try insertFolder(String(path[..<slash]), of: path)
            position = path.utf8.index(after: slash)
        }
        lastFolder = String(path[..<end])
    }

    private mutating func insertFolder(_ folder: String, of path: String) throws(PathError) {
        guard !folders.contains(folder) else { return }
        if let other = spellings.updateValue(folder, forKey: folder.caseFolded) {
            let isSame = other.utf8.elementsEqual(folder.utf8)
            throw PathError(path: path, reason: isSame ? .fileAndFolder(at: other) : .sameIgnoringCase(as: other))
        }
        folders.insert(folder)
    }
}

extension ReleasePath {
    /// Whether a link at this path to `target` stays inside the release: relative, `..` only at its beginning, and never
    /// above the root. (A `..` after a name could leave through another link: `a/link/../..`.)
    package func allowsLink(to target: String) -> Bool {
        let bytes = target.utf8
        guard !bytes.isEmpty, bytes.count <= ReleasePath.maximumBytes, bytes.first != UInt8(ascii: "/") else { return false }
        guard !bytes.contains(where: { $0 < 32 || $0 == UInt8(ascii: "\\") || $0 == UInt8(ascii: ":") }) else { return false }
        var depth = parts.count - 1
        var hasNames = false
        for part in target.split(separator: "/", omittingEmptySubsequences: true) where part != "." {
            if part == ".." {
                depth -= 1
                if hasNames || depth < 0 { return false }
            } else {
                hasNames = true
            }
        }
        return true
    }
}
