package import InstarDisk
package import InstarManifest
package import SystemPackage

/// Why nothing was published. The repository is as it was, but for files that nothing refers to yet; the next
/// publication or `instar prune` removes them.
package enum PublishError: Error, Sendable, CustomStringConvertible {
    /// The build has a path that no release may contain.
    case path(PathError)
    /// A device, a socket or a pipe.
    case specialFile(FilePath)
    /// Nothing to publish.
    case emptyBuild(FilePath)
    /// The build was written to meanwhile.
    case buildChanged(FilePath)
    /// The configuration is wrong: which file, and where in it.
    case configuration(String, String)
    /// A version, channel or release that is not there or cannot be.
    case refused(String)
    /// Something that is published already does not hold.
    case damagedRepository(String)
    case disk(DiskError)

    package var description: String {
        switch self {
        case .path(let error): "\(error)"
        case .specialFile(let path): "\(path) is no file, folder or link: exclude it or remove it"
        case .emptyBuild(let path): "\(path) has no files to publish"
        case .buildChanged(let path): "\(path) changed while it was being published: let the build finish, then publish again"
        case .configuration(let file, let what): "the configuration \(file) is wrong: \(what)"
        case .refused(let what): what
        case .damagedRepository(let what): "the repository is damaged: \(what); restore it from a copy"
        case .disk(let error): error.description
        }
    }
}

/// Runs a step that can fail only because of the disk.
func onDisk<Result>(_ step: () throws(DiskError) -> Result) throws(PublishError) -> Result {
    do { return try step() } catch { throw .disk(error) }
}
