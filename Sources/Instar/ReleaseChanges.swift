internal import InstarManifest
internal import InstarReload
internal import InstarStore
internal import SystemPackage

/// What is different between the release that runs and another one, as the reload engines and the host need it.
struct ReleaseChanges {
    /// Files that hold code.
    private(set) var modules: [ReloadModule] = []
    /// Paths of other files that changed, are new, or are gone.
    private(set) var assets: [String] = []
    /// Why the running game cannot take the release; nil where it can.
    private(set) var obstacle: String?

    /// - Parameters:
    ///   - engines: names of the engines that are there.
    ///   - root: the directory of the generation to move to.
    ///   - isInstalled: whether a file belongs to the packs that are installed here.
    init(
        from old: Manifest, to new: Manifest, pages: ObjectFolder, engines: Set<String>, root: FilePath,
        isInstalled: (FileEntry) -> Bool
    ) throws {
        if old.entry != new.entry { obstacle = "its entry point is another" }
        var changes = try Comparison(from: old, to: new, pages: pages)
        while let change = try changes.next() {
            switch change {
            case .added(let file) where isInstalled(file.file): note(nil, file.file, engines, root)
            case .changed(let from, let to) where isInstalled(to.file) || isInstalled(from.file): note(from.file, to.file, engines, root)
            case .removed(let file) where isInstalled(file.file): note(file.file, nil, engines, root)
            default: break
            }
        }
    }

    private mutating func note(_ old: FileEntry?, _ new: FileEntry?, _ engines: Set<String>, _ root: FilePath) {
        guard let module = new?.module ?? old?.module, let path = (new ?? old)?.path.description else {
            if let path = (new ?? old)?.path.description { assets.append(path) }
            return
        }
        if module.needsRestart || old?.module?.needsRestart == true {
            obstacle = obstacle ?? "\(path) changed, which waits for the next launch"
        } else if !engines.contains(module.engine) {
            obstacle = obstacle ?? "no engine for \(module.engine) is present, and \(path) changed"
        }
        // A module that became another one is two changes: the old name goes, the new one comes.
        if let before = old?.module, before.engine != module.engine || before.name != module.name {
            modules.append(ReloadModule(engine: before.engine, name: before.name, file: nil))
        }
        let file = new.map { root.appending($0.path.description) }
        modules.append(ReloadModule(engine: module.engine, name: module.name, file: file))
    }
}
