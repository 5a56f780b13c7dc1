internal import InstarManifest
internal import InstarStore
internal import SystemPackage

/// What a launcher starts in a release, and how its code is called back.
public struct EntryPoint: Sendable, Hashable {
    public enum Start: Sendable, Hashable {
        /// A file, by its absolute path.
        case script(String)
        /// A Python module, as `python -m` starts it.
        case module(String)
    }

    public var start: Start
    /// The module function that is called after an update.
    public var moduleHook: String
    /// The method that is called on each live instance of an updated class.
    public var classHook: String
}

extension Updater {
    /// What to start in the launched release.
    ///
    /// - Throws: `invalidRequest` where the release names no entry point, or nothing is known of what is launched.
    public func entryPoint(of launch: Launch) throws(UpdateError) -> EntryPoint {
        guard let manifest = try manifest(of: launch) else {
            throw UpdateError(.invalidRequest, "nothing says what to start in \(launch.path)")
        }
        guard let entry = manifest.entry else {
            throw UpdateError(
                .invalidRequest, "release \(manifest.identity) names no entry point: add `entry` to its instar.json and publish it")
        }
        let start: EntryPoint.Start =
            switch entry {
            case .module(let name): .module(name)
            case .script(let path): .script(FilePath(launch.path).appending(path.description).string)
            }
        return EntryPoint(start: start, moduleHook: manifest.hooks.module, classHook: manifest.hooks.type)
    }

    /// The names of the hooks that the launched release asks for; nil where nothing is known of what is launched.
    public func hookNames(of launch: Launch) throws(UpdateError) -> (moduleHook: String, classHook: String)? {
        try manifest(of: launch).map { ($0.hooks.module, $0.hooks.type) }
    }

    private func manifest(of launch: Launch) throws(UpdateError) -> Manifest? {
        try UpdateError.translating { () throws -> Manifest? in
            guard let generation = try store.state().generation(launch.generation) else { return nil }
            return try store.manifests.content(generation.release.digest).map { try Manifest(decoding: $0) }
        }
    }
}
