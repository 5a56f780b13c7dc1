/// A folder of a release: one that its paths name, or an empty one that it lists.
struct ReleaseFolder: Hashable, Sendable {
    /// Empty for the root.
    let path: String
    /// How many names the release has in it.
    let names: Int
}

extension Inventory {
    /// Every folder of the release, by path.
    func folders() -> [ReleaseFolder] {
        var names: [String: Int] = ["": 0]
        var last = ""
        var run = 0
        for index in 0..<count {
            let path = pathBytes(index)
            let folder = path[..<(path.lastIndex(of: UInt8(ascii: "/")) ?? path.startIndex)]
            if !folder.elementsEqual(last.utf8) {
                names[last, default: 0] += run
                (last, run) = (String(decoding: folder, as: UTF8.self), 0)
                Self.enter(last, &names)
            }
            run += 1
            // Listed itself, it is a name in its parent already.
            if isEmptyFolder(index) { names[self.path(index), default: 0] += 0 }
        }
        names[last, default: 0] += run
        return names.map { ReleaseFolder(path: $0, names: $1) }.sorted { $0.path < $1.path }
    }

    /// Adds a folder, and those above it, to what has names, each a name in the one above.
    private static func enter(_ folder: String, _ names: inout [String: Int]) {
        guard names.updateValue(names[folder] ?? 0, forKey: folder) == nil else { return }
        let parent = folder.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(folder[..<$0]) } ?? ""
        enter(parent, &names)
        names[parent, default: 0] += 1
    }
}
