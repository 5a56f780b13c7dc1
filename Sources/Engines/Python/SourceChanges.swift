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
        for (key, module) in PyImport_GetModuleDict().items where module.isModule {
            guard let name = key.text, name != "__main__", let path = PyModule_GetDict(module)[item: "__file__"]?.text else { continue }
            if let prefix, !path.hasPrefix(prefix), !SourceChanges.resolved(path).hasPrefix(prefix) { continue }
            if isChanged(path) { changed.append(name) }
        }
        return changed
    }

    private func isChanged(_ path: String) -> Bool {
        guard let loaded = record.sources[path], let now = try? SourceFile.bytes(of: path) else { return false }
        return loaded != now
    }

    /// The path without symbolic links, absolute; as it is where that fails.
    static func resolved(_ path: String) -> String {
        guard let real = unsafe realpath(path, nil) else { return path }
        defer { unsafe free(real) }
        return unsafe String(cString: real)
    }
}
