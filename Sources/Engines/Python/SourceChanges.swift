internal import CPython
internal import SystemPackage

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Which loaded modules have a source that is no longer what runs.
struct SourceChanges {
    private let record: LoadRecord

    init(_ record: LoadRecord) {
        self.record = record
    }

    /// Loaded modules below `root` (nil: anywhere) whose file's bytes differ from those that were loaded.
    func changedModules(below root: FilePath?) -> [String] {
        let prefix = root.map { SourceChanges.resolved($0.string) + "/" }
        var changed: [String] = []
        let attribute = PyRef.name("__file__")
        for (key, module) in PyImport_GetModuleDict().items where module.isModule {
            guard let path = PyModule_GetDict(module)[item: attribute]?.text, let name = key.text, name != "__main__" else { continue }
            guard record.sources[path] != nil else { continue }  // the standard library: none of its paths has to be resolved
            if let prefix, !path.hasPrefix(prefix), !SourceChanges.resolved(path).hasPrefix(prefix) { continue }
            if record.isChanged(path) { changed.append(name) }
        }
        return changed
    }

    /// The path without symbolic links, absolute; as it is where that fails.
    static func resolved(_ path: String) -> String {
        guard let real = unsafe realpath(path, nil) else { return path }
        defer { unsafe free(real) }
        return unsafe String(cString: real)
    }
}
