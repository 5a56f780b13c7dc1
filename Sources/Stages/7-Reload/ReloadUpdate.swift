public import SystemPackage

/// What one update asks of the engines: the modules that changed, and the directories that the program moves between.
public struct ReloadUpdate: Hashable, Sendable {
    /// The changed, added and removed modules, of every engine.
    public var modules: [ReloadModule]
    /// The directory that the running code was loaded from; nil where it does not change.
    public var oldRoot: FilePath?
    /// The directory that code is loaded from afterwards; nil where it does not change.
    public var newRoot: FilePath?

    public init(modules: [ReloadModule], oldRoot: FilePath? = nil, newRoot: FilePath? = nil) {
        self.modules = modules
        self.oldRoot = oldRoot
        self.newRoot = newRoot
    }

    /// The part of the update that `engine` understands.
    package func part(for engine: String) -> ReloadUpdate {
        ReloadUpdate(modules: modules.filter { $0.engine == engine }, oldRoot: oldRoot, newRoot: newRoot)
    }
}
