internal import InstarCryptography
package import InstarDisk
package import InstarManifest
package import SystemPackage

/// Why the store did not do what was asked. Unless a case says otherwise, the store is as it was.
package enum StoreError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file system refused.
    case disk(DiskError)
    /// The store's state does not allow it.
    case state(StateError)
    /// Something in the store is not as only its owner could have left it.
    case hostile(FilePath, String)
    /// A file of the store's own is not what was written.
    case damaged(String)
    /// The file `state` is not what was written, or gone while generations are there.
    case stateLost(String)
    /// The store is being changed, and stayed so for longer than any change takes.
    case stateBusy
    /// Staged content is not what the release names.
    case wrongContent(ReleasePath)
    /// The staging folder is sealed before everything is there.
    case incomplete(String)
    /// The disk has less than staging needs; known before anything is written.
    case noSpace(needed: UInt64, available: UInt64)
    /// The disk has fewer free file entries than staging needs.
    case noFileEntries(needed: UInt64, available: UInt64)
    /// The store would grow past its ceiling.
    case overCeiling(needed: UInt64, ceiling: UInt64)
    /// A release claims more than any game has.
    case tooLarge(String)

    package var description: String {
        switch self {
        case .disk(let error): error.description
        case .state(let error): error.description
        case .hostile(let path, let reason): "\(path) \(reason); it may have been planted: remove it, or choose another store"
        case .damaged(let what): "the store is damaged: \(what)"
        case .stateLost(let what):
            "the store's file `state` is of no use: \(what); `instar recover` writes it anew from the releases that are whole"
        case .stateBusy: "another process keeps the store's state locked; end it, or try again later"
        case .wrongContent(let path): "what was staged for \(path) is not what the release names; check the disk and memory, then try again"
        case .incomplete(let what): "the release is not completely staged: \(what)"
        case .noSpace(let needed, let available):
            "the update needs \(needed) bytes and the disk has \(available) left; free some space and try again"
        case .noFileEntries(let needed, let available):
            "the update needs \(needed) files and the disk has room for \(available) more; remove some files and try again"
        case .overCeiling(let needed, let ceiling):
            "the store would take \(needed) bytes and may take \(ceiling); raise the ceiling or run `instar gc`"
        case .tooLarge(let what): "the release is refused: \(what)"
        }
    }
}

/// Runs `body` and wraps what it throws.
func onDisk<Result: ~Copyable>(_ body: () throws(DiskError) -> Result) throws(StoreError) -> Result {
    do { return try body() } catch { throw .disk(error) }
}

/// Runs `body` and wraps what it throws.
func onState<Result>(_ body: () throws(StateError) -> Result) throws(StoreError) -> Result {
    do { return try body() } catch { throw .state(error) }
}
