public import SystemPackage

/// One module of a release, as a reload engine receives it.
public struct ReloadModule: Hashable, Sendable {
    /// The engine that understands it: `python`, `lua`, `native`.
    public var engine: String
    /// The name under which the running program knows it (`game.actors`).
    public var name: String
    /// Its file in the generation to move to; nil where the new release no longer has the module.
    public var file: FilePath?

    public init(engine: String, name: String, file: FilePath?) {
        self.engine = engine
        self.name = name
        self.file = file
    }
}
