package import InstarContent
package import InstarDisk
package import InstarManifest
package import SystemPackage

/// A build as the publisher found it: every path that goes into the release, in path order, not yet read.
package struct Build: Sendable {
    /// One path, without content.
    package struct Item: Sendable {
        package var path: ReleasePath
        package var kind: FileEntry.Kind
        package var size: UInt64
        package var pack: String
        package var module: ModuleDescription?
        /// What the file system said of a file when the build was listed; nil for everything but files.
        package var stamp: FileStamp?
    }

    package let directory: Directory
    package private(set) var items: [Item] = []
    private let folders: TreeFolders

    /// Lists a build and checks every path against the rules of a release.
    package init(at path: FilePath, configuration: PublishConfiguration) throws(PublishError) {
        directory = try onDisk { () throws(DiskError) in try Directory.open(path, followingLinks: true) }
        folders = TreeFolders(directory, creating: false)
        var scan = Scan(configuration: configuration)
        try scan.list(directory, prefix: "", Glob.Path(""))
        // Nearly in order already, which this sort makes use of.
        items = scan.items.sorted { $0.path < $1.path }
        guard !items.isEmpty else { throw .emptyBuild(path) }
        var register = PathRegister()
        for item in items {
            do { try register.insert(item.path, isDirectory: item.kind == .emptyDirectory) } catch { throw .path(error) }
        }
        if case .script(let script) = configuration.entry, !items.contains(where: { $0.path == script }) {
            throw .refused("the entry script \(script) is not in the build")
        }
    }

    /// Opens a file of the build, folder by folder and through no link.
    package func open(_ path: ReleasePath) throws(PublishError) -> File {
        try onDisk { () throws(DiskError) in
            let (folder, name) = try folders.place(of: path.description)
            return try folder.file(name)
        }
    }
}

/// Walks the folders of a build.
private struct Scan {
    let configuration: PublishConfiguration
    let excluded: [Glob]
    var items: [Build.Item] = []

    init(configuration: PublishConfiguration) {
        self.configuration = configuration
        excluded = PublishConfiguration.alwaysExcluded + configuration.exclude
    }

    /// - Parameter folder: what `prefix` is without its slash.
    mutating func list(_ directory: Directory, prefix: String, _ folder: Glob.Path) throws(PublishError) {
        let entries = try onDisk { () throws(DiskError) in try directory.entries() }
        if entries.isEmpty, !prefix.isEmpty { try add(String(prefix.dropLast()), folder, kind: .emptyDirectory, size: 0) }
        for (entry, name) in try named(entries, prefix).sorted(by: Scan.isBefore) {
            let path = prefix + name
            let parts = folder.appending(name)
            if !excluded.contains(where: { $0.matches(parts) }) { try visit(entry, in: directory, path: path, parts) }
        }
    }

    private func named(_ entries: [DirectoryEntry], _ prefix: String) throws(PublishError) -> [(entry: DirectoryEntry, name: String)] {
        var named: [(entry: DirectoryEntry, name: String)] = []
        named.reserveCapacity(entries.count)
        for entry in entries {
            guard let name = String(validating: entry.name) else {
                throw .path(PathError(path: prefix + entry.name.string, reason: .notText))
            }
            named.append((entry, name))
        }
        return named
    }

    /// In the order of the paths that follow from them: what is in a folder comes where its name and a slash would.
    private static func isBefore(_ a: (entry: DirectoryEntry, name: String), _ b: (entry: DirectoryEntry, name: String)) -> Bool {
        func key(_ entry: DirectoryEntry, _ name: String) -> String { entry.kind == .directory ? name + "/" : name }
        return key(a.entry, a.name).utf8.lexicographicallyPrecedes(key(b.entry, b.name).utf8)
    }

    private mutating func visit(
        _ entry: DirectoryEntry, in directory: Directory, path: String, _ parts: Glob.Path
    ) throws(PublishError) {
        switch entry.kind {
        case .directory:
            let folder = try onDisk { () throws(DiskError) in try directory.directory(entry.name) }
            try list(folder, prefix: path + "/", parts)
        case .file:
            let status = try onDisk { () throws(DiskError) in try directory.status(of: entry.name) }
            guard let status else { throw .buildChanged(FilePath(path)) }
            let kind = FileEntry.Kind.file(isExecutable: status.permissions & 0o100 != 0)
            try add(path, parts, kind: kind, size: status.size, stamp: FileStamp(status))
        case .symbolicLink:
            let target = try onDisk { () throws(DiskError) in try directory.readSymbolicLink(entry.name) }
            try add(path, parts, kind: .symbolicLink(target: target), size: 0)
        case .other: throw .specialFile(FilePath(path))
        }
    }

    private mutating func add(
        _ text: String, _ parts: Glob.Path, kind: FileEntry.Kind, size: UInt64, stamp: FileStamp? = nil
    ) throws(PublishError) {
        let path: ReleasePath
        do { path = try ReleasePath(text) } catch { throw .path(error) }
        if case .symbolicLink(let target) = kind, !path.allowsLink(to: target) {
            throw .path(PathError(path: text, reason: .linkLeavesRelease(target: target)))
        }
        var item = Build.Item(path: path, kind: kind, size: size, pack: FileEntry.basePack, module: nil, stamp: stamp)
        item.pack = configuration.packs.first { rule in rule.files.contains { $0.matches(parts) } }?.name ?? FileEntry.basePack
        if case .file = kind { item.module = configuration.module(at: text, parts) }
        items.append(item)
    }
}

extension PublishConfiguration {
    /// What module the file at `path` is, by the first rule that matches; nil for assets.
    func module(at path: String, _ parts: Glob.Path) -> ModuleDescription? {
        guard let rule = modules.first(where: { rule in rule.files.contains { $0.matches(parts) } }) else { return nil }
        guard let name = ModuleNames.name(of: path, engine: rule.engine, root: rule.root) else { return nil }
        return ModuleDescription(engine: rule.engine, name: name, needsRestart: rule.needsRestart)
    }
}

/// How engines call the files that they load.
enum ModuleNames {
    /// `game/actors.py` is `game.actors`, `game/__init__.py` is `game`. Nil for a file that is not below `root`, or
    /// that Python could not import by name.
    static func name(of path: String, engine: String, root: String) -> String? {
        guard root.isEmpty || path.hasPrefix(root + "/") else { return nil }
        var parts = path.dropFirst(root.isEmpty ? 0 : root.utf8.count + 1).split(separator: "/").map(String.init)
        guard let last = parts.popLast() else { return nil }
        let stem = last.lastIndex(of: ".").map { String(last[..<$0]) } ?? last
        guard engine == "python" else { return (parts + [stem]).joined(separator: ".") }
        if stem != "__init__" || parts.isEmpty { parts.append(stem) }
        return parts.allSatisfy(isIdentifier) ? parts.joined(separator: ".") : nil
    }

    private static func isIdentifier(_ part: String) -> Bool {
        guard let first = part.unicodeScalars.first, first == "_" || first.properties.isXIDStart else { return false }
        return part.unicodeScalars.allSatisfy { $0 == "_" || $0.properties.isXIDContinue }
    }
}
